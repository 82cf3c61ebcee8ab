package org.tlsuplift.proxy.testing;

import java.io.IOException;
import java.io.OutputStream;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ThreadLocalRandom;

/**
 * Removes what tests would leave on the machine, however this JVM ends: processes, temporary
 * directories, network namespaces.
 *
 * <p>A shell reads commands from this JVM. When this JVM has ended, even by SIGKILL, the shell's
 * input ends: it kills the processes that tests have started with their descendants, then those
 * that have another parent but the mark of this JVM in their environment, and runs the commands.
 * Without a shell or {@code /proc}, only the tests clean up.
 */
public final class Leftovers {
  /** The variable that marks processes of tests. */
  private static final String MARK = "UPLIFT_TEST_JVM";

  private static final String ID =
      ProcessHandle.current().pid()
          + "-"
          + Long.toHexString(ThreadLocalRandom.current().nextLong());

  /**
   * Ctrl-C in a terminal reaches this shell too, so it ignores that signal. A process is known by
   * its start time too, because its number may belong to another process by now. A process may fork
   * while others are killed, so the mark is looked for more than once.
   */
  private static final String SCRIPT =
      """
      trap '' HUP INT TERM
      commands=$(cat)
      tree() {
        children=$(cat "/proc/$1/task/$1/children")
        kill -KILL "$1"
        for child in $children; do
          tree "$child"
        done
      }
      end() {
        process=$1 started=$2
        read -r stat <"/proc/$process/stat" || return
        set -- ${stat##*) }
        [ "${20}" != "$started" ] || tree "$process"
      }
      eval "$(printf '%s\\n' "$commands" | grep '^end ')"
      for round in 1 2 3; do
        grep -lzxsF "$1" /proc/[0-9]*/environ | while IFS=/ read -r _ _ process _; do
          kill -KILL "$process"
        done
      done
      eval "$(printf '%s\\n' "$commands" | grep -v '^end ')"
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
    Process process = program.start();
    String started = startTime(process.pid());
    if (!started.isEmpty()) {
      afterwards("end " + process.pid() + " " + started);
    }
    return process;
  }

  /** Starts a class of the tests in a JVM of its own; its errors are in its output. */
  static Process start(Class<?> main, String... arguments) throws IOException {
    List<String> command =
        new ArrayList<>(
            List.of(
                Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                "-XX:TieredStopAtLevel=1",
                "-cp",
                System.getProperty("java.class.path"),
                main.getName()));
    command.addAll(List.of(arguments));
    return start(new ProcessBuilder(command).redirectErrorStream(true));
  }

  /** Field 22 of proc_pid_stat(5); empty if the process has ended, or if there is no such file. */
  private static String startTime(long process) {
    try {
      String stat = Files.readString(Path.of("/proc/" + process + "/stat"));
      return stat.substring(stat.lastIndexOf(')') + 2).split(" ", -1)[19];
    } catch (IOException ended) {
      return "";
    }
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
