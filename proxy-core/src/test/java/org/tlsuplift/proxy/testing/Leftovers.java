package org.tlsuplift.proxy.testing;

import java.io.IOException;
import java.io.OutputStream;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import java.util.concurrent.ThreadLocalRandom;

/**
 * Removes what tests would leave on the machine, however this JVM ends: processes, temporary
 * directories, network namespaces.
 *
 * <p>A shell reads from this JVM. When this JVM has ended, even by SIGKILL, the shell's input ends:
 * it kills the processes whose environment has the mark of this JVM, which children inherit, and
 * runs the commands that it has read. Without a shell or {@code /proc}, only the tests clean up.
 */
public final class Leftovers {
  /** The variable that marks processes of tests; .ci/run looks for it too. */
  private static final String MARK = "UPLIFT_TEST_JVM";

  private static final String ID =
      ProcessHandle.current().pid()
          + "-"
          + Long.toHexString(ThreadLocalRandom.current().nextLong());

  /** Ctrl-C in a terminal reaches this shell too. A process may fork while others are killed. */
  private static final String SCRIPT =
      """
      trap '' HUP INT TERM
      commands=
      while IFS= read -r command; do
        commands="$commands
      $command"
      done
      for round in 1 2 3; do
        grep -lzxsF "$1" /proc/[0-9]*/environ | while IFS=/ read -r _ _ process _; do
          kill -KILL "$process"
        done
      done
      eval "$commands"
      """;

  /** Keeps the process reachable: a process that is garbage has its streams closed. */
  private static final Process SHELL = shell();

  private Leftovers() {}

  private static Process shell() {
    try {
      return new ProcessBuilder("sh", "-c", SCRIPT, "sh", MARK + "=" + ID)
          .redirectOutput(ProcessBuilder.Redirect.DISCARD)
          .redirectError(ProcessBuilder.Redirect.DISCARD)
          .start();
    } catch (IOException noShell) {
      return null;
    }
  }

  /** Starts a process that ends, with its descendants, at the latest when this JVM has ended. */
  public static Process start(ProcessBuilder program) throws IOException {
    program.environment().put(MARK, ID);
    return program.start();
  }

  /** The variable that marks a process, for libraries that start it themselves. */
  public static Map<String, String> environment() {
    return Map.of(MARK, ID);
  }

  /** A new temporary directory, deleted at the latest when this JVM has ended. */
  public static Path directory(String prefix) {
    try {
      Path directory = Files.createTempDirectory(prefix);
      afterwards("rm -rf '" + directory.toString().replace("'", "'\\''") + "'");
      return directory;
    } catch (IOException broken) {
      throw new UncheckedIOException(broken);
    }
  }

  /** Has a shell run a command when this JVM has ended. Its errors are ignored. */
  public static synchronized void afterwards(String command) {
    if (SHELL == null) {
      return;
    }
    try {
      OutputStream input = SHELL.getOutputStream();
      input.write((command + "\n").getBytes(StandardCharsets.UTF_8));
      input.flush();
    } catch (IOException gone) {
      throw new UncheckedIOException(gone);
    }
  }
}
