package org.tlsuplift.proxy;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import java.io.IOException;
import java.net.Socket;
import java.time.Duration;
import javax.net.ssl.SSLSocket;
import org.junit.jupiter.api.Test;
import org.tlsuplift.proxy.model.SessionSummary;
import org.tlsuplift.proxy.outcome.CloseReason;
import org.tlsuplift.proxy.testing.Device;
import org.tlsuplift.proxy.testing.Origin;
import org.tlsuplift.proxy.testing.TestAuthority;
import org.tlsuplift.proxy.testing.Uplift;

/** A peer that stops reading cannot hold a connection longer than the idle timeout. */
class StalledPeerTest {
  private static final TestAuthority OWN = TestAuthority.create();
  private static final TestAuthority ORIGINS = TestAuthority.create();
  private static final byte[] BLOCK = new byte[1 << 16];

  private final Uplift.Settings settings = new Uplift.Settings();

  StalledPeerTest() {
    settings.limits =
        Uplift.limits(10, 10, Duration.ofSeconds(5), Duration.ofSeconds(5), Duration.ofSeconds(1));
  }

  private static void assertConnectionsEnd(Uplift uplift, int idle) {
    await()
        .untilAsserted(
            () -> {
              assertThat(uplift.observer.closed)
                  .extracting(SessionSummary::reason)
                  .containsExactly(CloseReason.IDLE_TIMEOUT);
              assertThat(uplift.proxy().sessions()).as("sessions").isZero();
              assertThat(uplift.channels()).as("channels").isEqualTo(idle);
            });
  }

  @Test
  void aDeviceThatReadsNothingMoreLosesItsConnection() throws Exception {
    try (Origin origin =
            Origin.start(
                ORIGINS.serving("localhost"),
                socket -> {
                  while (!Thread.currentThread().isInterrupted()) {
                    socket.getOutputStream().write(BLOCK);
                  }
                },
                "TLSv1.2");
        Uplift uplift = new Uplift(settings, OWN, ORIGINS)) {
      int idle = uplift.channels();
      try (Socket socket = new Socket()) {
        socket.setReceiveBufferSize(8192);
        socket.connect(uplift.web());
        Device.connect(socket, origin.as("localhost"));
        SSLSocket device = Device.handshake(socket, "localhost", OWN.trusting(), "TLSv1");
        assertThat(device.getInputStream().readNBytes(1000)).hasSize(1000);
        assertConnectionsEnd(uplift, idle);
      }
    }
  }

  @Test
  void anOriginThatReadsNothingMoreLosesItsConnection() throws Exception {
    try (Origin origin =
            Origin.start(
                ORIGINS.serving("localhost"),
                socket -> {
                  socket.startHandshake();
                  Thread.sleep(60_000);
                },
                "TLSv1.2");
        Uplift uplift = new Uplift(settings, OWN, ORIGINS)) {
      int idle = uplift.channels();
      Thread sender = null;
      try (Socket socket = Device.open(uplift.web())) {
        Device.connect(socket, origin.as("localhost"));
        SSLSocket device = Device.handshake(socket, "localhost", OWN.trusting(), "TLSv1");
        sender =
            new Thread(
                () -> {
                  try {
                    while (true) {
                      device.getOutputStream().write(BLOCK);
                    }
                  } catch (IOException ended) {
                    // This is expected.
                  }
                });
        sender.start();
        assertConnectionsEnd(uplift, idle);
      }
      sender.join();
    }
  }
}
