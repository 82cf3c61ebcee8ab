package org.tlsuplift.proxy;

import static java.nio.charset.StandardCharsets.US_ASCII;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import java.io.IOException;
import java.util.HashSet;
import java.util.List;
import java.util.Queue;
import java.util.Set;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.atomic.AtomicInteger;
import javax.net.ssl.SSLSocket;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.tlsuplift.proxy.context.ProxyProtocolSpec;
import org.tlsuplift.proxy.model.Action;
import org.tlsuplift.proxy.model.HostPort;
import org.tlsuplift.proxy.route.Cidr;
import org.tlsuplift.proxy.route.Egress;
import org.tlsuplift.proxy.route.WhenModern;
import org.tlsuplift.proxy.testing.Device;
import org.tlsuplift.proxy.testing.Origin;
import org.tlsuplift.proxy.testing.TestAuthority;
import org.tlsuplift.proxy.testing.Uplift;

/** A fixed listener with {@code spareConnections}, and two event loops. */
@Timeout(300)
class BusyOriginTest {
  private static final TestAuthority OWN = TestAuthority.create();
  private static final TestAuthority ORIGINS = TestAuthority.create();

  private final Uplift.Settings settings = new Uplift.Settings();

  /** The connections whose handshake is complete at the origin. */
  private final AtomicInteger verified = new AtomicInteger();

  /** Those of them that the proxy has closed. */
  private final AtomicInteger ended = new AtomicInteger();

  private final Queue<SSLSocket> open = new ConcurrentLinkedQueue<>();

  /** An origin whose connections answer each line with the line and their number. */
  private Origin origin() {
    return Origin.start(
        ORIGINS.serving("localhost"),
        socket -> {
          int number = verified.incrementAndGet();
          open.add(socket);
          for (String line = line(socket); !line.isEmpty(); line = line(socket)) {
            socket.getOutputStream().write((line + " " + number + "\n").getBytes(US_ASCII));
          }
          ended.incrementAndGet();
        },
        "TLSv1.2");
  }

  private static String line(SSLSocket socket) throws IOException {
    return Device.readLine(socket.getInputStream());
  }

  private Uplift uplift(Origin origin, int spares) {
    return uplift(origin.as("localhost"), spares);
  }

  private Uplift uplift(HostPort origin, int spares) {
    settings.fixed = List.of(origin);
    settings.serverNames = List.of("localhost");
    settings.routes = List.of(Uplift.route(Action.BRIDGE, WhenModern.BRIDGE, "localhost:*"));
    settings.spareConnections = spares;
    return new Uplift(settings, OWN, ORIGINS);
  }

  /** The number of the connection that the device got. */
  private static int visit(Uplift uplift) throws IOException {
    try (SSLSocket device =
        Device.handshake(Device.open(uplift.fixed()), "localhost", OWN.trusting(), "TLSv1")) {
      String reply = Device.exchange(device, "scan");
      if (reply.isEmpty()) {
        // The device's handshake may end before the proxy knows that the origin refuses.
        throw new IOException("the proxy closed without a reply");
      }
      assertThat(reply).startsWith("scan ");
      return Integer.parseInt(reply.substring("scan ".length()));
    }
  }

  /** Two devices for each event loop, after which each loop has its spare connections. */
  private Set<Integer> makeBusy(Uplift uplift, int spares) throws IOException {
    Set<Integer> used = new HashSet<>();
    for (int i = 0; i < 4; i++) {
      assertThat(used.add(visit(uplift))).isTrue();
    }
    await().until(() -> verified.get() == 4 + 2 * spares);
    return used;
  }

  @Test
  void aDeviceGetsAConnectionThatWasReady() throws Exception {
    try (Origin origin = origin();
        Uplift uplift = uplift(origin, 2)) {
      Set<Integer> used = makeBusy(uplift, 2);
      // The origin accepts no others from now on.
      origin.close();
      for (int i = 0; i < 4; i++) {
        assertThat(used.add(visit(uplift))).isTrue();
      }
      assertThat(used).hasSize(8);
      assertThatThrownBy(() -> visit(uplift)).isInstanceOf(IOException.class);
    }
  }

  @Test
  void aConnectionThatTheOriginClosedIsNotUsed() throws Exception {
    try (Origin origin = origin();
        Uplift uplift = uplift(origin, 1)) {
      makeBusy(uplift, 1);
      for (SSLSocket each : open) {
        each.close();
      }
      // A device that comes before the proxy sees the end would get it, as with any connection.
      await().ignoreExceptions().until(() -> visit(uplift) > 6);
      assertThat(visit(uplift)).isGreaterThan(6);
    }
  }

  @Test
  void unusedConnectionsCloseWithinSeconds() throws Exception {
    try (Origin origin = origin();
        Uplift uplift = uplift(origin, 2)) {
      makeBusy(uplift, 2);
      await().until(() -> ended.get() == 8);
      assertThat(verified).hasValue(8);
    }
  }

  @Test
  void opensNoSpareConnectionByDefault() throws Exception {
    try (Origin origin = origin();
        Uplift uplift = uplift(origin, 0)) {
      for (int i = 1; i <= 6; i++) {
        assertThat(visit(uplift)).isEqualTo(i);
      }
      assertThat(origin.accepted()).isEqualTo(6);
    }
  }

  /** The header has the device's address, which is unknown in advance. */
  @Test
  void opensNoSpareConnectionIfItSendsAProxyHeader() throws Exception {
    Uplift.Settings far = new Uplift.Settings();
    far.proxyProtocol = new ProxyProtocolSpec(List.of(Cidr.parse("127.0.0.0/8")));
    try (Origin origin = origin()) {
      far.fixed = List.of(origin.as("localhost"));
      far.serverNames = List.of("localhost");
      far.routes = List.of(Uplift.route(Action.BRIDGE, WhenModern.BRIDGE, "localhost:*"));
      try (Uplift behind = new Uplift(far, ORIGINS, ORIGINS)) {
        settings.egress = new Egress(null, true);
        try (Uplift uplift = uplift(new HostPort("localhost", behind.fixed().getPort()), 2)) {
          for (int i = 1; i <= 6; i++) {
            assertThat(visit(uplift)).isEqualTo(i);
          }
          assertThat(behind.observer.opened).hasValue(6);
        }
      }
    }
  }
}
