package org.tlsuplift.server.log;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.WritableByteChannel;
import java.util.function.BiConsumer;

/**
 * A file of lines that survives a full disk: it counts the lines that were not written as a whole,
 * and after an incomplete line it continues on a new one.
 *
 * <p>Holds up to {@value #BUFFER} bytes until it is flushed. Only {@link #close} throws. For one
 * thread.
 */
final class LineFile implements AutoCloseable {
  /** More than the longest line needs. */
  static final int BUFFER = 1 << 16;

  private static final byte LINE_END = '\n';

  private final WritableByteChannel file;
  private final BiConsumer<IOException, Integer> lost;
  private final ByteBuffer buffer = ByteBuffer.allocate(BUFFER);
  private boolean incomplete;

  /**
   * Writes to this file.
   *
   * @param incomplete whether its last line has no end, because the program that wrote it was
   *     killed
   * @param lost is called with the reason and the number of lines that were not written
   */
  LineFile(WritableByteChannel file, boolean incomplete, BiConsumer<IOException, Integer> lost) {
    this.file = file;
    this.incomplete = incomplete;
    this.lost = lost;
  }

  /** Writes one line, with its end. */
  void write(byte[] line) {
    if (line.length > buffer.remaining()) {
      flush();
    }
    if (line.length > buffer.remaining()) {
      lost.accept(new IOException("a line has " + line.length + " bytes"), 1);
    } else {
      buffer.put(line);
    }
  }

  /** Passes the lines to the operating system. */
  void flush() {
    buffer.flip();
    try {
      if (incomplete && buffer.hasRemaining()) {
        writeFully(ByteBuffer.wrap(new byte[] {LINE_END}));
        incomplete = false;
      }
      writeFully(buffer);
    } catch (IOException failed) {
      if (buffer.position() > 0) {
        incomplete = buffer.get(buffer.position() - 1) != LINE_END;
      }
      lost.accept(failed, remainingLines());
    }
    buffer.clear();
  }

  private void writeFully(ByteBuffer bytes) throws IOException {
    while (bytes.hasRemaining()) {
      file.write(bytes);
    }
  }

  private int remainingLines() {
    int lines = 0;
    for (int at = buffer.position(); at < buffer.limit(); at++) {
      lines += buffer.get(at) == LINE_END ? 1 : 0;
    }
    return lines;
  }

  @Override
  public void close() throws IOException {
    flush();
    file.close();
  }
}
