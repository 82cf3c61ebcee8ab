package org.tlsuplift.proxy;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import java.nio.charset.StandardCharsets;
import java.util.List;
import javax.net.ssl.SSLSocket;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import org.tlsuplift.proxy.model.Action;
import org.tlsuplift.proxy.model.SessionSummary;
import org.tlsuplift.proxy.outcome.CloseReason;
import org.tlsuplift.proxy.route.WhenModern;
import org.tlsuplift.proxy.testing.Device;
import org.tlsuplift.proxy.testing.Origin;
import org.tlsuplift.proxy.testing.Payload;
import org.tlsuplift.proxy.testing.TestAuthority;
import org.tlsuplift.proxy.testing.Uplift;

/** A device that ends its direction of TLS still gets all bytes of the origin. */
@Timeout(300)
class HalfCloseTest {
  private static final TestAuthority OWN = TestAuthority.create();
  private static final TestAuthority ORIGINS = TestAuthority.create();
  private static final int ANSWER = 3_000_000;

  @ParameterizedTest
  @ValueSource(strings = {"TLSv1", "TLSv1.2", "TLSv1.3"})
  void deliversTheResponseAfterTheDevicesCloseNotify(String version) throws Exception {
    Origin.Script script =
        socket -> {
          assertThat(Device.readLine(socket.getInputStream())).isEqualTo("get");
          new Payload(9, ANSWER).write(socket.getOutputStream());
          // An origin that closed with unread input would reset the connection.
          assertThat(socket.getInputStream().read()).isNegative();
        };
    try (Origin origin = Origin.start(ORIGINS.serving("localhost"), script, "TLSv1.2")) {
      Uplift.Settings settings = new Uplift.Settings();
      settings.fixed = List.of(origin.as("localhost"));
      settings.routes = List.of(Uplift.route(Action.BRIDGE, WhenModern.BRIDGE, "localhost:*"));
      try (Uplift uplift = new Uplift(settings, OWN, ORIGINS);
          SSLSocket device =
              Device.handshake(Device.open(uplift.fixed()), "localhost", OWN.trusting(), version)) {
        device.getOutputStream().write("get\n".getBytes(StandardCharsets.US_ASCII));
        device.shutdownOutput();
        new Payload(9, ANSWER).read(device.getInputStream());
        assertThat(device.getInputStream().read()).isNegative();
        device.close();
        await().until(() -> !uplift.observer.closed.isEmpty());
        SessionSummary summary = uplift.observer.closed.get(0);
        assertThat(summary.reason()).isEqualTo(CloseReason.DEVICE_CLOSED);
        assertThat(summary.bytesDown()).isEqualTo(ANSWER);
      }
    }
  }
}
