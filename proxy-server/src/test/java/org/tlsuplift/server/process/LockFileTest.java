package org.tlsuplift.server.process;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.BufferedReader;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.assertj.core.api.ThrowableAssert.ThrowingCallable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.tlsuplift.proxy.outcome.OperatorException;
import org.tlsuplift.proxy.testing.Peer;
import org.tlsuplift.proxy.testing.Program;

/** The owner of a directory cannot stop a command of root by its lock file. */
@Timeout(value = 60, threadMode = Timeout.ThreadMode.SEPARATE_THREAD)
class LockFileTest {
  @TempDir Path folder;

  private List<ThrowingCallable> uses(LockFile lock) {
    return List.of(() -> lock.exclusively(() -> folder), () -> lock.shared(() -> folder));
  }

  @Test
  void refusesAPipeAtOnce() throws Exception {
    Path pipe = folder.resolve("application.lock");
    var unused =
        Program.must(
            folder, List.of(Peer.require("mkfifo", "coreutils").toString(), pipe.toString()));
    for (ThrowingCallable use : uses(new LockFile(pipe))) {
      assertThatThrownBy(use)
          .isInstanceOf(OperatorException.class)
          .hasMessage("delete " + pipe + ": it is not a regular file");
    }
  }

  @Test
  void waitsForAnotherProcessAndThenGivesUp() throws Exception {
    Path file = folder.resolve("application.lock");
    Process holder =
        new ProcessBuilder(
                Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                "-XX:TieredStopAtLevel=1",
                "-cp",
                System.getProperty("java.class.path"),
                Holder.class.getName(),
                file.toString())
            .start();
    try (BufferedReader output = holder.inputReader(StandardCharsets.UTF_8)) {
      assertThat(output.readLine()).isEqualTo("held");
      for (ThrowingCallable use : uses(new LockFile(file, Duration.ofMillis(50)))) {
        assertThatThrownBy(use)
            .isInstanceOf(OperatorException.class)
            .hasMessageStartingWith("run it again: another program has had the lock " + file);
      }
      holder.outputWriter(StandardCharsets.UTF_8).append('\n').flush();
      assertThat(new LockFile(file).<Path, RuntimeException>exclusively(() -> folder))
          .isEqualTo(folder);
      assertThat(holder.waitFor(30, TimeUnit.SECONDS)).isTrue();
    } finally {
      holder.destroyForcibly();
    }
  }

  /** Keeps a lock until it reads a line. */
  static final class Holder {
    private Holder() {}

    public static void main(String[] arguments) throws Exception {
      var unused =
          new LockFile(Path.of(arguments[0]))
              .exclusively(
                  () -> {
                    System.out.println("held");
                    return System.in.read();
                  });
    }
  }
}
