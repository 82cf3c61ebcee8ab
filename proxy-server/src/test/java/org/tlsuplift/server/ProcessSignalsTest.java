package org.tlsuplift.server;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.concurrent.TimeUnit;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.condition.DisabledOnOs;
import org.junit.jupiter.api.condition.OS;
import org.junit.jupiter.api.io.TempDir;
import org.tlsuplift.proxy.session.HostPort;
import org.tlsuplift.proxy.testing.Device;

/** Signals to a real process. */
@DisabledOnOs(OS.WINDOWS)
@Timeout(value = 60, threadMode = Timeout.ThreadMode.SEPARATE_THREAD)
class ProcessSignalsTest {
  /** What a shell sees of a process that SIGTERM ended: 128 and the signal's number. */
  private static final int TERMINATED = 143;

  @TempDir Path directory;

  @Test
  void aFirstSignalDrainsAndASecondEndsTheProcessAtOnce() throws Exception {
    Process daemon = start();
    try (BufferedReader log =
        new BufferedReader(
            new InputStreamReader(daemon.getInputStream(), StandardCharsets.UTF_8))) {
      int port =
          Integer.parseInt(find(log, "listener web: .* on 127\\.0\\.0\\.1:(\\d+),.*").group(1));
      find(log, "ready");
      try (Socket device = Device.open(new InetSocketAddress("127.0.0.1", port))) {
        Device.connect(device, new HostPort("localhost", 1));

        // Not by Process itself, which would close its output too.
        daemon.toHandle().destroy();
        find(log, "SIGTERM: no new sessions are accepted, 1 are left");
        assertThat(daemon.isAlive()).isTrue();

        daemon.toHandle().destroy();
        assertThat(daemon.waitFor(20, TimeUnit.SECONDS)).isTrue();
        assertThat(daemon.exitValue()).isEqualTo(TERMINATED);
      }
    } finally {
      daemon.destroyForcibly();
    }
  }

  private Process start() throws IOException {
    Path config = directory.resolve("test.yaml");
    Files.writeString(
        config,
        """
        dataDirectory: '%s'
        listeners:
          - {name: web, bind: "127.0.0.1:0", accept: http-connect, profile: legacy}
        routes:
          - {to: ["localhost:*"], action: bridge}
        certificateAuthority: {keyAlgorithm: EC-P256}
        admin: {bind: "127.0.0.1:0"}
        limits: {negotiationTimeout: 5m, drainTimeout: 5m}
        """
            .formatted(directory.resolve("data")));
    return new ProcessBuilder(
            Path.of(System.getProperty("java.home"), "bin", "java").toString(),
            "-cp",
            System.getProperty("java.class.path"),
            Main.class.getName(),
            "run",
            "--config",
            config.toString())
        .redirectErrorStream(true)
        .start();
  }

  private static Matcher find(BufferedReader log, String pattern) throws IOException {
    Pattern wanted = Pattern.compile(".* " + pattern + "\\s*");
    StringBuilder seen = new StringBuilder();
    for (String line = log.readLine(); line != null; line = log.readLine()) {
      Matcher matcher = wanted.matcher(line);
      if (matcher.matches()) {
        return matcher;
      }
      seen.append(line).append('\n');
    }
    throw new AssertionError("no line like '" + pattern + "' in:\n" + seen);
  }
}
