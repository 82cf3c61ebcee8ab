package org.tlsuplift.server.log;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.WritableByteChannel;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;

/** Lines on a disk that is full for a while. */
class LineFileTest {
  private final Disk disk = new Disk();
  private final List<Integer> lost = new ArrayList<>();
  private final LineFile file = new LineFile(disk, false, (why, lines) -> lost.add(lines));

  @Test
  void continuesOnANewLineAfterAnIncompleteOne() {
    disk.room = 13;
    write("one 1", "two 2", "three");
    disk.room = 100;
    write("four", "five");

    assertThat(disk.lines()).containsExactly("one 1", "two 2", "t", "four", "five");
    assertThat(lost).containsExactly(1);
  }

  @Test
  void countsEachLineThatIsNotThereAsAWhole() {
    disk.room = 0;
    write("one", "two", "three");
    write("four");
    disk.room = 100;
    write("five");

    assertThat(disk.lines()).containsExactly("five");
    assertThat(lost).containsExactly(3, 1);
  }

  @Test
  void addsNoEmptyLineWhenTheDiskWasFullAtTheEndOfALine() {
    disk.room = 4;
    write("one", "two");
    disk.room = 100;
    write("three");

    assertThat(disk.lines()).containsExactly("one", "three");
    assertThat(lost).containsExactly(1);
  }

  @Test
  void staysOnTheSameIncompleteLineUntilThereIsRoom() {
    disk.room = 2;
    write("one");
    write("two");
    disk.room = 100;
    write("three");

    assertThat(disk.lines()).containsExactly("on", "three");
    assertThat(lost).containsExactly(1, 1);
  }

  @Test
  void keepsTheIncompleteLineOfAKilledProgram() throws IOException {
    disk.room = 100;
    disk.written.writeBytes("{\"half".getBytes(StandardCharsets.UTF_8));
    LineFile continued = new LineFile(disk, true, (why, lines) -> lost.add(lines));
    continued.flush();
    continued.write("whole\n".getBytes(StandardCharsets.UTF_8));
    continued.close();

    assertThat(disk.lines()).containsExactly("{\"half", "whole");
    assertThat(lost).isEmpty();
    assertThat(disk.isOpen()).isFalse();
  }

  @Test
  void writesMoreThanItHoldsAtOnce() throws IOException {
    disk.room = Integer.MAX_VALUE;
    String line = "x".repeat(LineFile.BUFFER / 3);
    for (int i = 0; i < 10; i++) {
      file.write((line + "\n").getBytes(StandardCharsets.UTF_8));
    }
    file.write(new byte[LineFile.BUFFER + 1]);
    file.close();

    assertThat(disk.lines()).hasSize(10).containsOnly(line);
    assertThat(lost).containsExactly(1);
  }

  private void write(String... lines) {
    for (String line : lines) {
      byte[] bytes = (line + "\n").getBytes(StandardCharsets.UTF_8);
      file.write(bytes);
    }
    file.flush();
  }

  /** Takes no more bytes than it has room for. */
  private static final class Disk implements WritableByteChannel {
    final ByteArrayOutputStream written = new ByteArrayOutputStream();
    int room;
    private boolean closed;

    @Override
    public int write(ByteBuffer bytes) throws IOException {
      if (room == 0) {
        throw new IOException("No space left on device");
      }
      // No more than three bytes at once: a disk may take less than it is given.
      byte[] taken = new byte[Math.min(3, Math.min(room, bytes.remaining()))];
      bytes.get(taken);
      written.writeBytes(taken);
      room -= taken.length;
      return taken.length;
    }

    List<String> lines() {
      return written.toString(StandardCharsets.UTF_8).lines().toList();
    }

    @Override
    public boolean isOpen() {
      return !closed;
    }

    @Override
    public void close() {
      closed = true;
    }
  }
}
