package org.tlsuplift.server.metrics;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.io.File;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.concurrent.TimeUnit;

/** Runs Prometheus' own checker, where it is installed. */
public final class Promtool {
  /**
   * What it said.
   *
   * @param exitCode 0 when all is well, 3 for complaints about style
   * @param output both streams
   */
  public record Verdict(int exitCode, String output) {}

  private Promtool() {}

  /** Skips the test where promtool is missing, but fails where peers are required. */
  public static Verdict run(String input, String... arguments)
      throws IOException, InterruptedException {
    boolean installed =
        Arrays.stream(System.getenv("PATH").split(File.pathSeparator, -1))
            .anyMatch(directory -> Files.isExecutable(Path.of(directory, "promtool")));
    if (Boolean.parseBoolean(System.getenv("UPLIFT_REQUIRE_PEERS"))) {
      assertThat(installed).as("promtool (Debian package prometheus) is on the PATH").isTrue();
    }
    assumeTrue(installed, "promtool (Debian package prometheus) is not on the PATH");

    List<String> command = new ArrayList<>(List.of("promtool"));
    command.addAll(List.of(arguments));
    Path stdin = Files.createTempFile("promtool", ".in");
    Path stdout = Files.createTempFile("promtool", ".out");
    try {
      Files.writeString(stdin, input);
      Process process =
          new ProcessBuilder(command)
              .redirectInput(stdin.toFile())
              .redirectErrorStream(true)
              .redirectOutput(stdout.toFile())
              .start();
      if (!process.waitFor(30, TimeUnit.SECONDS)) {
        process.destroyForcibly();
      }
      return new Verdict(process.waitFor(), Files.readString(stdout, StandardCharsets.UTF_8));
    } finally {
      Files.delete(stdin);
      Files.delete(stdout);
    }
  }
}
