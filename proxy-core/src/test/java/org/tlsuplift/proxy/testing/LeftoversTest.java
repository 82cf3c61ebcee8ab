package org.tlsuplift.proxy.testing;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import java.io.BufferedReader;
import java.io.InputStreamReader;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.condition.EnabledOnOs;
import org.junit.jupiter.api.condition.OS;

@EnabledOnOs(OS.LINUX)
class LeftoversTest {
  @Test
  void removesProcessesAndDirectoriesOfAJvmThatWasKilled() throws Exception {
    Process jvm = Leftovers.start(Busy.class);
    try (BufferedReader output =
        new BufferedReader(new InputStreamReader(jvm.getInputStream(), StandardCharsets.UTF_8))) {
      Path directory = Path.of(output.readLine());
      List<ProcessHandle> family =
          List.of(Long.valueOf(output.readLine()), Long.valueOf(output.readLine())).stream()
              .map(pid -> ProcessHandle.of(pid).orElseThrow())
              .toList();
      assertThat(directory.resolve("file")).exists();

      jvm.destroyForcibly();

      await().until(() -> family.stream().noneMatch(LeftoversTest::runs));
      await().until(() -> Files.notExists(directory));
    } finally {
      jvm.destroyForcibly();
    }
  }

  /**
   * A container may have nothing that asks for the exit code of a process whose parent was killed.
   */
  private static boolean runs(ProcessHandle process) {
    return process.isAlive() && process.info().command().isPresent();
  }

  /** Prints a directory and the processes of a child and of its child, and waits. */
  static final class Busy {
    private Busy() {}

    public static void main(String[] arguments) throws Exception {
      Path directory = Leftovers.directory("uplift it's");
      Files.writeString(directory.resolve("file"), "");
      Process child =
          Leftovers.start(
              new ProcessBuilder("sh", "-c", "env -i sleep 600 & echo $$; echo $!; wait")
                  .redirectErrorStream(true));
      System.out.println(directory);
      child.getInputStream().transferTo(System.out);
    }
  }
}
