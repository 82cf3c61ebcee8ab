package org.tlsuplift.proxy;

import static java.nio.charset.StandardCharsets.US_ASCII;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import java.io.IOException;
import java.net.Socket;
import java.security.cert.X509Certificate;
import java.util.List;
import java.util.Map;
import javax.net.ssl.SNIHostName;
import javax.net.ssl.SSLContext;
import javax.net.ssl.SSLException;
import javax.net.ssl.SSLParameters;
import javax.net.ssl.SSLSocket;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.tlsuplift.proxy.model.Action;
import org.tlsuplift.proxy.outcome.CloseReason;
import org.tlsuplift.proxy.route.ServerNameMismatch;
import org.tlsuplift.proxy.route.WhenModern;
import org.tlsuplift.proxy.testing.Device;
import org.tlsuplift.proxy.testing.Origin;
import org.tlsuplift.proxy.testing.TestAuthority;
import org.tlsuplift.proxy.testing.Uplift;
import org.tlsuplift.proxy.tls.Leaf;
import org.tlsuplift.proxy.tls.OperatorCertificate;
import org.tlsuplift.proxy.tls.OriginIdentity;
import org.tlsuplift.proxy.tls.OriginIdentitySource;

/** A listener with a certificate of the operator presents it, and only for the names it carries. */
class OperatorCertificateTest {
  private static final TestAuthority COMMON = TestAuthority.create();
  private static final TestAuthority ORIGINS = TestAuthority.create();

  /** Of the company, or a public one. */
  private static final TestAuthority COMPANY = TestAuthority.create();

  private static final String NAME = "uplift.example.test";

  private static final Origin.Script ECHO =
      socket -> {
        String line = Device.readLine(socket.getInputStream());
        socket.getOutputStream().write((line + "\n").getBytes(US_ASCII));
        assertThat(socket.getInputStream().read()).isNegative();
      };

  private final Uplift.Settings settings = new Uplift.Settings();
  private volatile OriginIdentity identity = identity(NAME, "*.scan.example.test");

  private static OriginIdentity identity(String... names) {
    Leaf leaf = COMPANY.source().leafFor(List.of(names)).toCompletableFuture().join();
    return new OriginIdentity(leaf.key(), leaf.chain());
  }

  private OperatorCertificate certificate() {
    return new OperatorCertificate(
        new OriginIdentitySource() {
          @Override
          public String name() {
            return "test";
          }

          @Override
          public OriginIdentity current() {
            return identity;
          }
        });
  }

  private Uplift fixed(Origin origin) {
    settings.routes = List.of(Uplift.route(Action.BRIDGE, WhenModern.BRIDGE, "localhost:*"));
    settings.serverNameMismatch = ServerNameMismatch.USE_TARGET;
    settings.fixed = List.of(origin.as("localhost"));
    settings.ownCertificates = Map.of("fixed-1", certificate());
    return new Uplift(settings, COMMON, ORIGINS);
  }

  private static Origin origin() {
    return Origin.start(ORIGINS.serving("localhost"), ECHO, "TLSv1.2");
  }

  /** The certificate that a device gets, after a reply of the origin. */
  private static X509Certificate visit(
      SSLContext trust, Socket socket, @Nullable String sni, String version) throws IOException {
    try (SSLSocket device =
        (SSLSocket) trust.getSocketFactory().createSocket(socket, "127.0.0.1", 443, true)) {
      device.setEnabledProtocols(new String[] {version});
      if (sni != null) {
        SSLParameters parameters = device.getSSLParameters();
        parameters.setServerNames(List.of(new SNIHostName(sni)));
        device.setSSLParameters(parameters);
      }
      device.startHandshake();
      assertThat(Device.exchange(device, "scan")).isEqualTo("scan");
      return (X509Certificate) device.getSession().getPeerCertificates()[0];
    }
  }

  @ParameterizedTest
  @CsvSource({
    "uplift.example.test, TLSv1",
    "floor-2.scan.example.test, TLSv1",
    ", TLSv1",
    ", TLSv1.2",
    "uplift.example.test, TLSv1.3"
  })
  void presentsTheCertificateForItsNamesAndWithoutSni(@Nullable String sni, String version)
      throws Exception {
    try (Origin origin = origin();
        Uplift uplift = fixed(origin)) {
      assertThat(visit(COMPANY.trusting(), Device.open(uplift.fixed()), sni, version))
          .isEqualTo(identity.certificate());
    }
  }

  @ParameterizedTest
  @CsvSource({"localhost", "other.example.test", "a.b.scan.example.test", "scan.example.test"})
  void aDeviceThatAsksForAnotherNameIsRefused(String sni) throws Exception {
    try (Origin origin = origin();
        Uplift uplift = fixed(origin)) {
      assertThatThrownBy(() -> visit(COMPANY.trusting(), Device.open(uplift.fixed()), sni, "TLSv1"))
          .isInstanceOf(SSLException.class)
          .hasMessageContaining("unrecognized_name");
      await().until(() -> uplift.observer.closed.size() == 1);
      assertThat(uplift.observer.closed)
          .singleElement()
          .satisfies(
              closed -> {
                assertThat(closed.reason()).isEqualTo(CloseReason.CERTIFICATE_UNAVAILABLE);
                assertThat(closed.detail())
                    .startsWith("the listener's certificate is not for " + sni + "; ")
                    .endsWith("; its names are uplift.example.test, *.scan.example.test");
              });
    }
  }

  @Test
  void isReplacedForNewSessions() throws Exception {
    try (Origin origin = origin();
        Uplift uplift = fixed(origin)) {
      X509Certificate first =
          visit(COMPANY.trusting(), Device.open(uplift.fixed()), NAME, "TLSv1.2");
      identity = identity(NAME, "renewed.example.test");
      X509Certificate second =
          visit(COMPANY.trusting(), Device.open(uplift.fixed()), NAME, "TLSv1.2");
      assertThat(second).isNotEqualTo(first).isEqualTo(identity.certificate());
    }
  }

  @Test
  void servesTheDestinationsOfAProxyListenerThatItCarries() throws Exception {
    settings.routes = List.of(Uplift.route(Action.BRIDGE, WhenModern.BRIDGE, "localhost:*"));
    settings.ownCertificates = Map.of("web", certificate());
    try (Origin origin = origin();
        Uplift uplift = new Uplift(settings, COMMON, ORIGINS)) {
      assertThatThrownBy(() -> visit(COMPANY.trusting(), tunnel(uplift, origin), null, "TLSv1"))
          .isInstanceOf(SSLException.class);
      await().until(() -> uplift.observer.closed.size() == 1);
      assertThat(uplift.observer.closed.get(0).detail())
          .startsWith("the listener's certificate is not for localhost; ");
      identity = identity("localhost");
      assertThat(visit(COMPANY.trusting(), tunnel(uplift, origin), null, "TLSv1"))
          .isEqualTo(identity.certificate());
    }
  }

  @Test
  void unusedSessionGetsTheRemedyForAnOperatorsCertificate() throws Exception {
    try (Origin origin = origin();
        Uplift uplift = fixed(origin)) {
      try (SSLSocket device =
          (SSLSocket)
              COMPANY
                  .trusting()
                  .getSocketFactory()
                  .createSocket(Device.open(uplift.fixed()), "127.0.0.1", 443, true)) {
        device.setEnabledProtocols(new String[] {"TLSv1"});
        device.startHandshake();
        await().until(() -> uplift.observer.originHandshakes.size() == 1);
      }
      await().until(() -> uplift.observer.closed.size() == 1);
      assertThat(uplift.observer.closed)
          .singleElement()
          .satisfies(
              closed -> {
                assertThat(closed.reason()).isEqualTo(CloseReason.DEVICE_CLOSED_UNUSED);
                assertThat(closed.detail()).contains("append missing intermediate certificates");
              });
    }
  }

  @Test
  void noOtherListenerPresentsIt() throws Exception {
    try (Origin origin = origin();
        Uplift uplift = fixed(origin)) {
      assertThat(visit(COMMON.trusting(), tunnel(uplift, origin), null, "TLSv1"))
          .isNotEqualTo(identity.certificate());
    }
  }

  private static Socket tunnel(Uplift uplift, Origin origin) throws IOException {
    Socket socket = Device.open(uplift.web());
    Device.connect(socket, origin.as("localhost"));
    return socket;
  }
}
