package org.tlsuplift.bench;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.tlsuplift.bench.load.Origin;

/** Says on what the figures were measured. */
final class Machine {
  private Machine() {}

  static String describe(Settings settings) throws IOException {
    String cpu =
        Files.readAllLines(Path.of("/proc/cpuinfo")).stream()
            .filter(line -> line.startsWith("model name"))
            .map(line -> line.substring(line.indexOf(':') + 1).trim())
            .findFirst()
            .orElse(System.getProperty("os.arch"));
    return "%d x %s; Linux %s; %s; %s; %s; transport %s; rsa %s; `%s`. Medians of %d rounds of %d s, ratios of each round."
        .formatted(
            Runtime.getRuntime().availableProcessors(),
            cpu,
            System.getProperty("os.version"),
            peers(settings),
            says(List.of(settings.java(), "-jar", settings.jar(), "--version")),
            says(List.of(settings.java(), "-version")),
            settings.transport(),
            settings.rsa(),
            String.join(" ", settings.javaOptions()),
            settings.rounds(),
            settings.round().toSeconds());
  }

  private static String peers(Settings settings) throws IOException {
    StringBuilder peers = new StringBuilder();
    if (!settings.rows(Origin.Speaks.REQUESTS).isEmpty()
        || !settings.scaleRows().isEmpty()
        || settings.rows().contains(Settings.POST_QUANTUM)) {
      peers.append(says(List.of(settings.haproxy(), "-v")));
    }
    if (!settings.rows(Origin.Speaks.SMTP).isEmpty()) {
      peers
          .append(peers.isEmpty() ? "" : "; ")
          .append(says(List.of(settings.stunnel(), "-version"), "stunnel "))
          .append(", ")
          .append(says(List.of(settings.stunnel(), "-version"), "Running "));
    }
    return peers.toString();
  }

  /** The first line that a program says. */
  private static String says(List<String> command) throws IOException {
    return says(command, "");
  }

  /** The first line that begins so. */
  private static String says(List<String> command, String prefix) throws IOException {
    Process process = new ProcessBuilder(command).redirectErrorStream(true).start();
    String all = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
    return all.lines().filter(line -> line.startsWith(prefix)).findFirst().orElse("?").trim();
  }
}
