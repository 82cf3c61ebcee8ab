package org.tlsuplift.proxy;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.security.cert.X509Certificate;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import javax.net.ssl.ExtendedSSLSession;
import javax.net.ssl.SNIHostName;
import javax.net.ssl.SSLContext;
import javax.net.ssl.SSLParameters;
import javax.net.ssl.SSLSocket;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import org.tlsuplift.proxy.model.Action;
import org.tlsuplift.proxy.model.HostPort;
import org.tlsuplift.proxy.model.SessionSummary;
import org.tlsuplift.proxy.outcome.CloseReason;
import org.tlsuplift.proxy.route.Cidr;
import org.tlsuplift.proxy.route.Destination;
import org.tlsuplift.proxy.route.Egress;
import org.tlsuplift.proxy.route.EndpointList;
import org.tlsuplift.proxy.route.EndpointSet;
import org.tlsuplift.proxy.route.Ports;
import org.tlsuplift.proxy.route.Route;
import org.tlsuplift.proxy.route.WhenModern;
import org.tlsuplift.proxy.testing.Device;
import org.tlsuplift.proxy.testing.Origin;
import org.tlsuplift.proxy.testing.TestAuthority;
import org.tlsuplift.proxy.testing.ToldRedirection;
import org.tlsuplift.proxy.testing.Uplift;
import org.tlsuplift.proxy.tls.CertificateNames;

/**
 * Redirected devices: their destination and its proof, with real handshakes on both sides. The test
 * replaces the kernel; {@code TransparentIT} has a real one.
 */
class TransparentTest {
  private static final TestAuthority OWN = TestAuthority.create();
  private static final TestAuthority ORIGINS = TestAuthority.create();
  private static final String MAIL = "mail.example.test";

  /** Replies to each line with the SNI that the origin got. */
  private static final Origin.Script TELL =
      socket -> {
        String line = Device.readLine(socket.getInputStream());
        List<?> asked = ((ExtendedSSLSession) socket.getSession()).getRequestedServerNames();
        String name = asked.isEmpty() ? "nobody" : ((SNIHostName) asked.get(0)).getAsciiName();
        socket
            .getOutputStream()
            .write((line + " for " + name + "\n").getBytes(StandardCharsets.US_ASCII));
      };

  private static Origin origin(String... names) {
    return Origin.start(ORIGINS.serving(names), TELL, "TLSv1.2");
  }

  private static Uplift uplift(@Nullable InetSocketAddress redirectedFrom, Route... routes) {
    Uplift.Settings settings = new Uplift.Settings();
    settings.redirection = new ToldRedirection().to(redirectedFrom);
    settings.routes = List.of(routes);
    return new Uplift(settings, OWN, ORIGINS);
  }

  private static Route bridge(String... to) {
    return Uplift.route(Action.BRIDGE, WhenModern.TUNNEL, to);
  }

  /** A route with an endpoint list that assigns these names to loopback. */
  private static Route list(String... names) {
    EndpointList published =
        new EndpointList(
            "list",
            List.of(names).stream().map(name -> Destination.parse(name + ":*")).toList(),
            List.of(
                new EndpointSet(
                    List.of(names), List.of(Cidr.parse("127.0.0.0/8")), Ports.parse("*"))));
    EndpointList loopback =
        new EndpointList("loopback", List.of(Destination.parse("127.0.0.0/8:*")));
    return new Route(
        EndpointList.merged("list", List.of(published, loopback)),
        Action.BRIDGE,
        WhenModern.TUNNEL,
        null,
        null);
  }

  /**
   * A device that believes that it is connected to its origin.
   *
   * @param sni the device's SNI, or null for none
   */
  private static SSLSocket device(
      Uplift uplift, @Nullable String sni, SSLContext trust, String... versions)
      throws IOException {
    Socket socket = Device.open(uplift.redirected());
    SSLSocket tls =
        (SSLSocket) trust.getSocketFactory().createSocket(socket, "127.0.0.1", 443, true);
    SSLParameters parameters = tls.getSSLParameters();
    parameters.setProtocols(versions);
    if (sni != null) {
      parameters.setServerNames(List.of(new SNIHostName(sni)));
    }
    tls.setSSLParameters(parameters);
    tls.startHandshake();
    return tls;
  }

  private static SSLSocket old(Uplift uplift, @Nullable String sni) throws IOException {
    return device(uplift, sni, OWN.trusting(), "TLSv1");
  }

  private static CertificateNames names(SSLSocket device) throws IOException {
    return CertificateNames.of((X509Certificate) device.getSession().getPeerCertificates()[0]);
  }

  private static SessionSummary summary(Uplift uplift) {
    await().until(() -> !uplift.observer.closed.isEmpty());
    return uplift.observer.closed.get(0);
  }

  /** The address is another host's: a false SNI must not bypass the routes. */
  @Test
  void theNameInTheHelloDecidesAndIsResolvedHere() throws Exception {
    try (Origin origin = origin("localhost");
        Origin elsewhere = origin(MAIL);
        Uplift uplift =
            uplift(
                new InetSocketAddress("192.0.2.1", origin.address().getPort()),
                bridge("localhost:*"))) {
      try (SSLSocket device = old(uplift, "localhost")) {
        assertThat(Device.exchange(device, "scan")).isEqualTo("scan for localhost");
        assertThat(names(device).hosts()).containsExactly("localhost");
      }
      assertThat(summary(uplift).target()).isEqualTo(origin.as("localhost"));
      assertThat(elsewhere.accepted()).isZero();
    }
  }

  @ParameterizedTest
  @ValueSource(strings = {"TLSv1", "TLSv1.2"})
  void aNameWithoutARouteIsRefusedEvenIfItsAddressIsAllowed(String version) throws Exception {
    try (Origin origin = origin("localhost");
        Uplift uplift = uplift(origin.address(), bridge("127.0.0.0/8:*", MAIL + ":*"))) {
      assertThatThrownBy(() -> device(uplift, "localhost", OWN.trusting(), version))
          .hasMessageContaining("access_denied");
      assertThat(summary(uplift).reason()).isEqualTo(CloseReason.NO_ROUTE);
      assertThat(summary(uplift).target()).isEqualTo(origin.as("localhost"));
      assertThat(origin.accepted()).isZero();
    }
  }

  @Test
  void aModernDeviceIsTunnelledAndSeesTheOriginsOwnCertificate() throws Exception {
    try (Origin origin = origin("localhost", MAIL);
        Uplift uplift = uplift(origin.address(), bridge("localhost:*"))) {
      try (SSLSocket device = device(uplift, "localhost", ORIGINS.trusting(), "TLSv1.2")) {
        assertThat(Device.exchange(device, "scan")).isEqualTo("scan for localhost");
        assertThat(names(device).hosts()).containsExactly("localhost", MAIL);
      }
      assertThat(summary(uplift).action()).isEqualTo(Action.TUNNEL);
    }
  }

  @Test
  void endpointListNamesTheOriginIfTheDeviceSendsNoName() throws Exception {
    try (Origin origin = origin(MAIL);
        Uplift uplift = uplift(origin.address(), list(MAIL, "www.example.test"))) {
      try (SSLSocket device = old(uplift, null)) {
        assertThat(Device.exchange(device, "scan")).isEqualTo("scan for " + MAIL);
        assertThat(names(device).hosts()).containsExactly(MAIL, "www.example.test");
        assertThat(names(device).addresses()).isEmpty();
      }
      assertThat(summary(uplift).target()).isEqualTo(origin.as("127.0.0.1"));
    }
  }

  @Test
  void anOriginWithAnyNameOfTheListIsTheRightOne() throws Exception {
    try (Origin origin = origin("www.example.test");
        Uplift uplift = uplift(origin.address(), list(MAIL, "www.example.test"));
        SSLSocket device = old(uplift, null)) {
      assertThat(Device.exchange(device, "scan")).isEqualTo("scan for " + MAIL);
    }
  }

  @Test
  void anOriginWithoutANameOfTheListIsRefused() throws Exception {
    try (Origin origin = origin("other.example.test", "127.0.0.1");
        Uplift uplift = uplift(origin.address(), list(MAIL))) {
      assertThatThrownBy(
              () -> {
                try (SSLSocket device = old(uplift, null)) {
                  Device.exchange(device, "scan");
                  throw new IOException(String.valueOf(device.getInputStream().read()));
                }
              })
          .isInstanceOf(IOException.class);
      assertThat(summary(uplift).reason()).isEqualTo(CloseReason.ORIGIN_CERTIFICATE_INVALID);
      assertThat(summary(uplift).detail())
          .contains("is for other.example.test, 127.0.0.1")
          .contains("than the endpoint list has")
          .contains(MAIL);
      assertThat(summary(uplift).bytesUp()).isZero();
    }
  }

  @Test
  void certificateOfTheOriginNamesItIfNothingElseDoes() throws Exception {
    try (Origin origin = origin("other.example.test", MAIL, "127.0.0.1");
        Uplift uplift = uplift(origin.address(), bridge(MAIL + ":*"))) {
      try (SSLSocket device = old(uplift, null)) {
        assertThat(Device.exchange(device, "scan")).isEqualTo("scan for nobody");
        // Only those of the origin's names that routes bridge.
        assertThat(names(device).hosts()).containsExactly(MAIL);
        assertThat(names(device).addresses()).isEmpty();
      }
      assertThat(summary(uplift).action()).isEqualTo(Action.BRIDGE);
      assertThat(summary(uplift).originHandshake().agreed()).isNotNull();
    }
  }

  @Test
  void leafHasTheWildcardOfTheOriginIfAPatternAllowsIt() throws Exception {
    try (Origin origin = origin("*.example.test");
        Uplift uplift = uplift(origin.address(), bridge("*.example.test:*", "localhost:*"));
        SSLSocket device = old(uplift, null)) {
      assertThat(Device.exchange(device, "scan")).isEqualTo("scan for nobody");
      assertThat(names(device).hosts()).containsExactly("*.example.test");
    }
  }

  @Test
  void anAddressThatIsAllowedMayBeProvenByTheCertificate() throws Exception {
    try (Origin origin = origin("127.0.0.1");
        Uplift uplift = uplift(origin.address(), bridge("127.0.0.0/8:*"));
        SSLSocket device = old(uplift, null)) {
      assertThat(Device.exchange(device, "scan")).isEqualTo("scan for nobody");
      assertThat(names(device).hosts()).isEmpty();
      assertThat(names(device).addresses()).hasSize(1);
    }
  }

  /** The certificate is trusted, but no route allows its name. */
  @ParameterizedTest
  @ValueSource(strings = {"127.0.0.0/8:*", MAIL + ":*", "*.mail.example.test:*"})
  void aTrustedCertificateForAnotherNameProvesNothing(String route) throws Exception {
    try (Origin origin = origin("other.example.test");
        Uplift uplift = uplift(origin.address(), bridge(route, "localhost:*"))) {
      assertThatThrownBy(() -> old(uplift, null)).hasMessageContaining("internal_error");
      SessionSummary summary = summary(uplift);
      assertThat(summary.reason()).isEqualTo(CloseReason.ORIGIN_CERTIFICATE_INVALID);
      assertThat(summary.detail())
          .contains("port " + origin.address().getPort())
          .contains("is for other.example.test")
          .contains("add such a name with the port to 'routes'");
      assertThat(summary.bytesUp()).isZero();
    }
  }

  @Test
  void theRightNameOfAnUntrustedIssuerProvesNothing() throws Exception {
    try (Origin origin = Origin.start(OWN.serving(MAIL), TELL, "TLSv1.2");
        Uplift uplift = uplift(origin.address(), bridge(MAIL + ":*"))) {
      assertThatThrownBy(() -> old(uplift, null)).hasMessageContaining("internal_error");
      assertThat(summary(uplift).reason()).isEqualTo(CloseReason.ORIGIN_CERTIFICATE_INVALID);
      assertThat(summary(uplift).detail()).contains("untrusted");
    }
  }

  @Test
  void anOriginWithoutANameKeepsTheTls12Floor() throws Exception {
    try (Origin origin = Origin.start(ORIGINS.serving(MAIL), TELL, "TLSv1.1");
        Uplift uplift = uplift(origin.address(), bridge(MAIL + ":*"))) {
      assertThatThrownBy(() -> old(uplift, null)).hasMessageContaining("internal_error");
      assertThat(summary(uplift).reason()).isEqualTo(CloseReason.ORIGIN_BELOW_FLOOR);
    }
  }

  /** In a tunnel, a server with a borrowed certificate could read all bytes. */
  @Test
  void aModernDeviceIsBridgedIfOnlyTheCertificateProvesTheAddress() throws Exception {
    try (Origin origin = origin(MAIL);
        Uplift uplift = uplift(origin.address(), bridge(MAIL + ":*"))) {
      try (SSLSocket device = device(uplift, null, OWN.trusting(), "TLSv1.2", "TLSv1.3")) {
        assertThat(Device.exchange(device, "scan")).isEqualTo("scan for nobody");
      }
      assertThat(summary(uplift).action()).isEqualTo(Action.BRIDGE);
    }
  }

  @Test
  void aModernDeviceIsTunnelledToAnAddressThatARouteAllows() throws Exception {
    try (Origin origin = origin(MAIL);
        Uplift uplift = uplift(origin.address(), bridge("127.0.0.0/8:*"))) {
      try (SSLSocket device = device(uplift, null, ORIGINS.trusting(), "TLSv1.2")) {
        assertThat(Device.exchange(device, "scan")).isEqualTo("scan for nobody");
      }
      assertThat(summary(uplift).action()).isEqualTo(Action.TUNNEL);
    }
  }

  @Test
  void anAddressThatNothingCouldAllowIsNotDialled() throws Exception {
    try (Origin origin = origin(MAIL);
        Uplift uplift = uplift(origin.address(), bridge(MAIL + ":443"))) {
      assertThatThrownBy(() -> old(uplift, null)).hasMessageContaining("access_denied");
      assertThat(summary(uplift).reason()).isEqualTo(CloseReason.NO_ROUTE);
      assertThat(origin.accepted()).isZero();
    }
  }

  @Test
  void shutdownEndsASessionWhoseOriginHandshakeIsRunning() throws Exception {
    CountDownLatch gate = new CountDownLatch(1);
    try (Origin origin = Origin.gated(ORIGINS.serving(MAIL), gate, TELL, "TLSv1.2");
        Uplift uplift = uplift(origin.address(), bridge(MAIL + ":*"))) {
      Thread attempt =
          new Thread(
              () -> {
                try (SSLSocket device = old(uplift, null)) {
                  device.getSession();
                } catch (IOException refused) {
                  // The proxy closes the connection.
                }
              });
      attempt.start();
      await().until(() -> origin.accepted() == 1);
      uplift.close();
      assertThat(summary(uplift).reason()).isEqualTo(CloseReason.SHUTDOWN);
      gate.countDown();
      attempt.join();
    }
  }

  @Test
  void aDeviceThatWasNotRedirectedIsRefused() throws Exception {
    try (Uplift uplift = uplift(null, bridge("*:*"))) {
      assertThatThrownBy(() -> old(uplift, "localhost")).isInstanceOf(IOException.class);
      assertThat(summary(uplift).reason()).isEqualTo(CloseReason.NOT_REDIRECTED);
      assertThat(summary(uplift).detail()).contains("check the nft rule");
      assertThat(uplift.observer.closed).hasSize(1);
    }
  }

  /** With tproxy the device's destination is then this listener. */
  @Test
  void aDeviceThatWasRedirectedToTheProxyItselfIsRefused() throws Exception {
    ToldRedirection redirection = new ToldRedirection();
    Uplift.Settings settings = new Uplift.Settings();
    settings.redirection = redirection;
    try (Uplift uplift = new Uplift(settings, OWN, ORIGINS)) {
      redirection.to(uplift.redirected());
      assertThatThrownBy(() -> old(uplift, null)).isInstanceOf(IOException.class);
      assertThat(summary(uplift).reason()).isEqualTo(CloseReason.NOT_REDIRECTED);
      uplift.observer.closed.clear();
      redirection.to(uplift.web());
      assertThatThrownBy(() -> old(uplift, null)).isInstanceOf(IOException.class);
      assertThat(summary(uplift).reason()).isEqualTo(CloseReason.LOOP);
    }
  }

  @Test
  void aNameInTheHelloThatIsTheProxyItselfIsALoop() throws Exception {
    ToldRedirection redirection = new ToldRedirection();
    Uplift.Settings settings = new Uplift.Settings();
    settings.redirection = redirection;
    try (Uplift uplift = new Uplift(settings, OWN, ORIGINS)) {
      redirection.to(new InetSocketAddress("192.0.2.1", uplift.redirected().getPort()));
      assertThatThrownBy(
              () -> {
                try (SSLSocket device = old(uplift, "localhost")) {
                  Device.exchange(device, "scan");
                  throw new IOException("got through");
                }
              })
          .isInstanceOf(IOException.class);
      assertThat(summary(uplift).reason()).isEqualTo(CloseReason.LOOP);
      assertThat(summary(uplift).target())
          .isEqualTo(new HostPort("localhost", uplift.redirected().getPort()));
    }
  }

  /** The proxy's own address, which the rule put there, would be useless to the next proxy. */
  @Test
  void aHeaderForTheNextProxyHasTheAddressThatTheDeviceConnectedTo() throws Exception {
    try (ServerSocket next = new ServerSocket(0, 1, InetAddress.getByName("127.0.0.1"))) {
      Uplift.Settings settings = new Uplift.Settings();
      settings.redirection =
          new ToldRedirection().to(new InetSocketAddress("192.0.2.1", next.getLocalPort()));
      settings.routes = List.of(bridge("localhost:*"));
      settings.egress = new Egress(null, true);
      CompletableFuture<byte[]> header =
          CompletableFuture.supplyAsync(
              () -> {
                try (Socket connection = next.accept()) {
                  return connection.getInputStream().readNBytes(28);
                } catch (IOException broken) {
                  throw new UncheckedIOException(broken);
                }
              });
      try (Uplift uplift = new Uplift(settings, OWN, ORIGINS)) {
        try (SSLSocket device = old(uplift, "localhost")) {
          assertThat(Device.exchange(device, "scan")).isEmpty();
        } catch (IOException during) {
          // The session ends during the device's handshake or after it.
        }
        ByteBuffer read = ByteBuffer.wrap(header.get(60, TimeUnit.SECONDS));
        byte[] destination = new byte[4];
        read.position(20).get(destination);
        assertThat(InetAddress.getByAddress(destination)).hasToString("/192.0.2.1");
        assertThat(read.getShort(26) & 0xffff).isEqualTo(next.getLocalPort());
      }
    }
  }
}
