package org.tlsuplift.server.it.operation;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.net.InetSocketAddress;
import java.time.Duration;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.tlsuplift.server.it.device.RawDevice;
import org.tlsuplift.server.it.lab.Daemon;
import org.tlsuplift.server.it.lab.Lab;
import org.tlsuplift.server.it.lab.Metrics;

/** Devices, and others, that would fill the log. */
class LogFloodIT {
  @RegisterExtension static final Lab lab = new Lab();

  private static final int CONNECTIONS = 2_000;
  private static final int LINES = 20;

  @Test
  void aRefusedHostDoesNotFillTheLogNorHideOthers() throws IOException {
    Daemon daemon =
        Daemon.start(
            lab,
            """
            devices: {allow: [127.0.0.9/32]}
            listeners:
              - {name: web, bind: "127.0.0.1:0", accept: http-connect, profile: modern}
            routes:
              - {to: ["localhost:1024-65535"], action: bridge}
            log: {linesPerMinute: %d}
            """
                .formatted(LINES));
    Metrics before = daemon.metrics();
    InetSocketAddress web = daemon.listener("web");
    for (int i = 0; i < CONNECTIONS; i++) {
      RawDevice.to(web).close();
    }
    daemon.awaitIncrease(before, CONNECTIONS, "tlsuplift_sessions_total");
    daemon.awaitIncrease(before, CONNECTIONS - LINES, "tlsuplift_log_left_out_total");
    try (RawDevice other = RawDevice.from(2, web)) {
      assertThat(other.readAll()).isEmpty();
    }
    daemon.awaitSessionLine(0, "device", "127.0.0.2");

    daemon.terminate();
    assertThat(daemon.awaitExit(Duration.ofSeconds(15))).isZero();
    assertThat(daemon.output().lines().filter(line -> line.contains("device=\"127.0.0.1\"")))
        .hasSize(LINES);
    assertThat(daemon.output())
        .contains("about=\"127.0.0.1\"", "lines=\"" + (CONNECTIONS - LINES) + "\"");
  }
}
