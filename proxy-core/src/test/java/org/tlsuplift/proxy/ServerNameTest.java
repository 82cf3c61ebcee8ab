package org.tlsuplift.proxy;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import java.io.IOException;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.security.cert.X509Certificate;
import java.util.List;
import javax.net.ssl.SNIHostName;
import javax.net.ssl.SSLContext;
import javax.net.ssl.SSLParameters;
import javax.net.ssl.SSLSocket;
import org.junit.jupiter.api.AutoClose;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;
import org.tlsuplift.proxy.mail.MailService;
import org.tlsuplift.proxy.mail.MailService.DeviceTls;
import org.tlsuplift.proxy.mail.MailService.OriginTls;
import org.tlsuplift.proxy.model.Action;
import org.tlsuplift.proxy.model.HostPort;
import org.tlsuplift.proxy.model.MailProtocol;
import org.tlsuplift.proxy.model.SessionSummary;
import org.tlsuplift.proxy.outcome.CloseReason;
import org.tlsuplift.proxy.route.ServerNameMismatch;
import org.tlsuplift.proxy.route.WhenModern;
import org.tlsuplift.proxy.testing.Device;
import org.tlsuplift.proxy.testing.MailOriginServer;
import org.tlsuplift.proxy.testing.MailTalk;
import org.tlsuplift.proxy.testing.Origin;
import org.tlsuplift.proxy.testing.TestAuthority;
import org.tlsuplift.proxy.testing.Uplift;
import org.tlsuplift.proxy.tls.CertificateNames;

/** Devices whose ClientHello names another host than their target, with real handshakes. */
@Timeout(300)
class ServerNameTest {
  private static final TestAuthority OWN = TestAuthority.create();
  private static final TestAuthority ORIGINS = TestAuthority.create();
  private static final String OTHER = "other.example.test";
  private static final Origin.Script TELL =
      socket -> {
        String line = Device.readLine(socket.getInputStream());
        socket.getOutputStream().write((line + "\n").getBytes(StandardCharsets.US_ASCII));
      };

  private final Uplift.Settings settings = new Uplift.Settings();
  @AutoClose private final Origin origin = origin("localhost");

  ServerNameTest() {
    settings.routes =
        List.of(
            Uplift.route(
                Action.BRIDGE, WhenModern.TUNNEL, "localhost:*", "127.0.0.0/8:*", OTHER + ":*"));
  }

  private static Origin origin(String... names) {
    return Origin.start(ORIGINS.serving(names), TELL, "TLSv1.2");
  }

  /** Completes a handshake of a device that trusts the CA and does not check the name. */
  private static SSLSocket handshake(Socket socket, String sni, SSLContext trust, String version)
      throws IOException {
    SSLSocket tls = (SSLSocket) trust.getSocketFactory().createSocket(socket, "127.0.0.1", 1, true);
    SSLParameters parameters = tls.getSSLParameters();
    parameters.setProtocols(new String[] {version});
    parameters.setServerNames(List.of(new SNIHostName(sni)));
    tls.setSSLParameters(parameters);
    tls.startHandshake();
    return tls;
  }

  private static Socket connected(Uplift uplift, HostPort target) throws IOException {
    Socket socket = Device.open(uplift.web());
    assertThat(Device.connect(socket, target)).startsWith("HTTP/1.1 200");
    return socket;
  }

  private static List<String> shown(SSLSocket device) throws IOException {
    return CertificateNames.of((X509Certificate) device.getSession().getPeerCertificates()[0])
        .hosts();
  }

  private static SessionSummary summary(Uplift uplift) {
    await().until(() -> !uplift.observer.closed.isEmpty());
    return uplift.observer.closed.get(0);
  }

  private void assertRefused(Uplift uplift, String... detail) {
    SessionSummary summary = summary(uplift);
    assertThat(summary.reason()).isEqualTo(CloseReason.SERVER_NAME_MISMATCH);
    assertThat(summary.action()).isEqualTo(Action.DENY);
    assertThat(summary.detail()).contains(detail).contains("'serverNameMismatch: useTarget'");
    assertThat(summary.detail()).hasSizeLessThan(300);
    assertThat(uplift.observer.deviceHandshakes).isEmpty();
    assertThat(origin.accepted()).isZero();
  }

  /** An attacker could pass on the bytes of a device with that other target. */
  @ParameterizedTest
  @ValueSource(strings = {"TLSv1", "TLSv1.2"})
  void refusesADeviceThatNamesAnotherHostThanItConnectsTo(String version) throws Exception {
    try (Uplift uplift = new Uplift(settings, OWN, ORIGINS);
        Socket socket = connected(uplift, origin.as("localhost"))) {
      assertThatThrownBy(() -> handshake(socket, OTHER, OWN.trusting(), version))
          .hasMessageContaining("unrecognized_name");
      assertRefused(uplift, "localhost:" + origin.address().getPort(), "names " + OTHER);
    }
  }

  @Test
  void refusesItBySocksToo() throws Exception {
    try (Uplift uplift = new Uplift(settings, OWN, ORIGINS);
        Socket socket = Device.open(uplift.socks())) {
      int port = origin.address().getPort();
      byte[] name = "localhost".getBytes(StandardCharsets.US_ASCII);
      byte[] greeting = {5, 1, 0, 5, 1, 0, 3, 9};
      socket.getOutputStream().write(greeting);
      socket.getOutputStream().write(name);
      socket.getOutputStream().write(new byte[] {(byte) (port >> 8), (byte) port});
      socket.getInputStream().readNBytes(12);
      assertThatThrownBy(() -> handshake(socket, OTHER, OWN.trusting(), "TLSv1"))
          .hasMessageContaining("unrecognized_name");
      assertRefused(uplift, "names " + OTHER);
    }
  }

  @Test
  void ignoresCaseAndTrailingDotOfNames() throws Exception {
    try (Uplift uplift = new Uplift(settings, OWN, ORIGINS);
        Socket socket = connected(uplift, origin.as("LOCALHOST."));
        SSLSocket device = handshake(socket, "LocalHost", OWN.trusting(), "TLSv1")) {
      assertThat(Device.exchange(device, "scan")).isEqualTo("scan");
      assertThat(shown(device)).containsExactly("localhost");
    }
  }

  @ParameterizedTest
  @ValueSource(strings = {"TLSv1", "TLSv1.2"})
  void useTargetBridgesToTheTargetOfTheConnect(String version) throws Exception {
    settings.serverNameMismatch = ServerNameMismatch.USE_TARGET;
    try (Uplift uplift = new Uplift(settings, OWN, ORIGINS);
        Socket socket = connected(uplift, origin.as("localhost"));
        SSLSocket device = handshake(socket, OTHER, OWN.trusting(), version)) {
      assertThat(Device.exchange(device, "scan")).isEqualTo("scan");
      assertThat(shown(device)).containsExactly("localhost");
      device.close();
      assertThat(summary(uplift).action()).isEqualTo(Action.BRIDGE);
    }
  }

  @Test
  void refusesANameAtAnAddressThatNoRouteAllows() throws Exception {
    try (Uplift uplift = new Uplift(settings, OWN, ORIGINS);
        Socket socket = connected(uplift, origin.as("127.0.0.1"))) {
      assertThatThrownBy(() -> handshake(socket, "evil.example.test", OWN.trusting(), "TLSv1"))
          .hasMessageContaining("unrecognized_name");
      assertRefused(uplift, "add evil.example.test:" + origin.address().getPort() + " to 'routes'");
    }
  }

  @Test
  void anOriginAtAnAddressProvesTheNameThatTheDeviceAsksFor() throws Exception {
    try (Uplift uplift = new Uplift(settings, OWN, ORIGINS);
        Socket socket = connected(uplift, origin.as("127.0.0.1"));
        SSLSocket device = handshake(socket, "localhost", OWN.trusting(), "TLSv1")) {
      assertThat(Device.exchange(device, "scan")).isEqualTo("scan");
      assertThat(shown(device)).containsExactly("localhost");
    }
  }

  /**
   * The listener has a fixed origin, so the device's SNI does not change the name that the origin
   * must prove.
   */
  @ParameterizedTest
  @CsvSource({"TLSv1, localhost", "TLSv1.2, localhost", "TLSv1, other.example.test"})
  void anOriginThatIsAnAddressIsVerifiedAsThatAddress(String version, String sni) throws Exception {
    try (Origin byAddress = origin("127.0.0.1")) {
      settings.fixed = List.of(byAddress.as("127.0.0.1"));
      settings.serverNames = List.of("localhost", OTHER);
      try (Uplift uplift = new Uplift(settings, OWN, ORIGINS);
          SSLSocket device = handshake(Device.open(uplift.fixed()), sni, OWN.trusting(), version)) {
        assertThat(Device.exchange(device, "scan")).isEqualTo("scan");
        assertThat(shown(device)).containsExactlyInAnyOrder("localhost", OTHER);
        assertThat(shown(device).get(0)).isEqualTo(sni);
      }
    }
  }

  @Test
  void aFixedListenerShowsNoNameThatIsNeitherItsOriginsNorItsOwn() throws Exception {
    settings.fixed = List.of(origin.as("localhost"));
    settings.serverNames = List.of("uplift.example.test");
    settings.serverNameMismatch = ServerNameMismatch.USE_TARGET;
    try (Uplift uplift = new Uplift(settings, OWN, ORIGINS);
        SSLSocket device =
            handshake(Device.open(uplift.fixed()), OTHER, OWN.trusting(), "TLSv1.2")) {
      assertThat(Device.exchange(device, "scan")).isEqualTo("scan");
      assertThat(shown(device)).containsExactly("localhost", "uplift.example.test");
    }
  }

  @ParameterizedTest
  @ValueSource(strings = {"TLSv1", "TLSv1.2"})
  void refusesAnotherNameAfterStartTlsWhenTheOriginIsThereAlready(String version) throws Exception {
    MailOriginServer.Script script =
        talk -> {
          talk.say("220 origin");
          talk.hear();
          talk.say("250-origin").say("250 STARTTLS");
          talk.hear();
          talk.say("220 go");
          talk.atEnd();
        };
    try (MailOriginServer mail = new MailOriginServer(script)) {
      settings.mail =
          new MailService(MailProtocol.SMTP, DeviceTls.STARTTLS, OriginTls.STARTTLS, false);
      settings.fixed = List.of(mail.as("localhost"));
      try (Uplift uplift = new Uplift(settings, OWN, ORIGINS);
          MailTalk device = MailTalk.to(uplift.fixed())) {
        device.hear();
        assertThat(device.ask("STARTTLS")).startsWith("220 ");
        assertThatThrownBy(() -> device.startTls(OTHER, OWN.trusting(), version))
            .hasMessageContaining("unrecognized_name");
        assertRefused(uplift, "add the name to 'serverNames'");
      }
    }
  }
}
