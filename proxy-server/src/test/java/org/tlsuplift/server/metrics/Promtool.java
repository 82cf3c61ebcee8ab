package org.tlsuplift.server.metrics;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.tlsuplift.proxy.testing.Peer;

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
    String promtool = Peer.require("promtool", "prometheus").toString();
    List<String> command = new ArrayList<>(List.of(promtool));
    command.addAll(List.of(arguments));
    Path stdin = Files.createTempFile("promtool", ".in");
    Path stdout = Files.createTempFile("promtool", ".out");
    try {
      Files.writeString(stdin, input);
      ProcessBuilder program =
          new ProcessBuilder(command)
              .redirectInput(stdin.toFile())
              .redirectErrorStream(true)
              .redirectOutput(stdout.toFile());
      // A third of its time would be for its garbage, of which there is little.
      program.environment().put("GOGC", "400");
      Process process = program.start();
      if (!process.waitFor(120, TimeUnit.SECONDS)) {
        process.destroyForcibly();
      }
      return new Verdict(process.waitFor(), Files.readString(stdout, StandardCharsets.UTF_8));
    } finally {
      Files.delete(stdin);
      Files.delete(stdout);
    }
  }
}
