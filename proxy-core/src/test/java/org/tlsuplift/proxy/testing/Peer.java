package org.tlsuplift.proxy.testing;

import static org.junit.jupiter.api.Assertions.fail;
import static org.junit.jupiter.api.Assumptions.abort;

import java.io.File;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.TimeUnit;
import java.util.function.Supplier;
import java.util.stream.Stream;

/**
 * A program or a right that tests need and that is not part of this project.
 *
 * <p>It is there if its smallest real use succeeds: a program must run, a right must be granted by
 * the kernel. Each is tried once in a JVM. A test that needs a missing one is skipped. With {@code
 * UPLIFT_REQUIRE_PEERS=true} it fails.
 */
public final class Peer {
  private static final int TIMEOUT_SECONDS = 60;

  /** From here on, the exit code says that a shell could not run the program, or a signal. */
  private static final int NOT_RUN = 126;

  /** The options that print a version, where {@code --version} is not one of them. */
  private static final Map<String, String> VERSION_OPTIONS =
      Map.of(
          "haproxy", "-v",
          "ip", "-V",
          "nginx", "-v",
          "rsyslogd", "-v",
          "socat", "-V",
          "stunnel", "-version",
          "victoria-metrics", "-help");

  /** What was tried, with the reason if it failed, or an empty text. */
  private static final Map<List<String>, String> TRIED = new ConcurrentHashMap<>();

  private Peer() {}

  /**
   * The path of a program that runs.
   *
   * @param debianPackage the Debian package that has it
   */
  public static Path require(String program, String debianPackage) {
    String remedy = "install the Debian package " + debianPackage;
    return requireRunning(
        onPath(program).orElseGet(() -> Path.of(missing(program, remedy))), program, remedy);
  }

  /**
   * A program that runs, wherever it is.
   *
   * @param what the program; the build's last line lists it
   * @param remedy the way to get the program
   * @return the program
   */
  public static Path requireRunning(Path program, String what, String remedy) {
    String option = VERSION_OPTIONS.getOrDefault(program.getFileName().toString(), "--version");
    List<String> command = List.of(program.toString(), option);
    check(what, remedy, command, () -> failureToRun(command));
    return program;
  }

  /**
   * Ends the test unless a command succeeds, which is the smallest real use of something.
   *
   * @param what a program or a right; the build's last line lists it
   * @param remedy the way to get it
   */
  public static void requireUse(String what, String remedy, String... command) {
    List<String> use = List.of(command);
    check(what, remedy, use, () -> failureOf(use));
  }

  /** Ends the test unless this user may listen on a low port. */
  public static void requirePort(int port) {
    requireSocket(
        "127.0.0.99", port, "the right to listen on port " + port, "run the tests as root");
  }

  /** Ends the test unless this machine has IPv6, if only on loopback. */
  public static void requireIpv6() {
    requireSocket("::1", 0, "IPv6", "enable IPv6 on the loopback interface");
  }

  private static void requireSocket(String address, int port, String what, String remedy) {
    check(
        what,
        remedy,
        List.of(address, Integer.toString(port)),
        () -> {
          try (ServerSocket socket = new ServerSocket()) {
            socket.setReuseAddress(true);
            socket.bind(new InetSocketAddress(InetAddress.getByName(address), port));
            return "";
          } catch (IOException refused) {
            return refused.toString();
          }
        });
  }

  /**
   * Ends the test because something is missing.
   *
   * @param what the program or right; the build's last line lists it
   * @param remedy the way to get it
   * @return never
   */
  public static String missing(String what, String remedy) {
    String why = what + " is missing: " + remedy;
    return "true".equals(System.getenv("UPLIFT_REQUIRE_PEERS"))
        ? fail(why + " (UPLIFT_REQUIRE_PEERS=true)")
        : abort(why);
  }

  /** Finds a program on the PATH or in the directories that only root has there. */
  public static Optional<Path> onPath(String program) {
    String path = System.getenv().getOrDefault("PATH", "") + File.pathSeparator + "/usr/sbin";
    return Stream.of(path.split(File.pathSeparator, -1))
        .filter(folder -> !folder.isEmpty())
        .map(folder -> Path.of(folder, program))
        .filter(Files::isExecutable)
        .findFirst();
  }

  private static void check(
      String what, String remedy, List<String> key, Supplier<String> failure) {
    String reason = TRIED.computeIfAbsent(key, unknown -> failure.get());
    if (!reason.isEmpty()) {
      missing(what, remedy + " (" + reason + ")");
    }
  }

  /** Some programs know no option for their version, but each prints something about itself. */
  private static String failureToRun(List<String> command) {
    Result result = run(command);
    if (result.exit >= NOT_RUN) {
      return result.reason(command);
    }
    return result.output.isBlank() ? command.get(0) + " prints nothing" : "";
  }

  private static String failureOf(List<String> command) {
    Result result = run(command);
    return result.exit == 0 ? "" : result.reason(command);
  }

  private record Result(int exit, String output) {
    String reason(List<String> command) {
      String last = output.strip().lines().reduce("", (first, second) -> second);
      return last.isEmpty() ? command.get(0) + " ends with " + exit : last;
    }
  }

  private static Result run(List<String> command) {
    try {
      Path output = Files.createTempFile("uplift-peer", ".out");
      try {
        Process process =
            Leftovers.start(
                new ProcessBuilder(new ArrayList<>(command))
                    .redirectErrorStream(true)
                    .redirectOutput(output.toFile()));
        process.getOutputStream().close();
        if (!process.waitFor(TIMEOUT_SECONDS, TimeUnit.SECONDS)) {
          process.destroyForcibly().waitFor();
          return new Result(NOT_RUN, command.get(0) + " does not end");
        }
        // Programs print in the encoding that they like.
        byte[] printed = Files.readAllBytes(output);
        byte[] begin = Arrays.copyOf(printed, Math.min(printed.length, 1 << 16));
        return new Result(process.exitValue(), new String(begin, StandardCharsets.ISO_8859_1));
      } finally {
        Files.delete(output);
      }
    } catch (IOException broken) {
      return new Result(NOT_RUN, String.valueOf(broken.getMessage()));
    } catch (InterruptedException interrupted) {
      Thread.currentThread().interrupt();
      throw new UncheckedIOException(new IOException(interrupted));
    }
  }
}
