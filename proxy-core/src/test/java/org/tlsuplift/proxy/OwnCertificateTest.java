package org.tlsuplift.proxy;

import static java.nio.charset.StandardCharsets.US_ASCII;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import java.io.IOException;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.security.cert.X509Certificate;
import java.security.interfaces.RSAPublicKey;
import java.util.List;
import java.util.Map;
import javax.net.ssl.SSLContext;
import javax.net.ssl.SSLException;
import javax.net.ssl.SSLSocket;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.tlsuplift.proxy.ca.Extensions;
import org.tlsuplift.proxy.ca.KeyAlgorithm;
import org.tlsuplift.proxy.ca.SignatureHash;
import org.tlsuplift.proxy.model.Action;
import org.tlsuplift.proxy.outcome.HandshakeOutcome;
import org.tlsuplift.proxy.route.WhenModern;
import org.tlsuplift.proxy.testing.Device;
import org.tlsuplift.proxy.testing.Origin;
import org.tlsuplift.proxy.testing.TestAuthority;
import org.tlsuplift.proxy.testing.Uplift;
import org.tlsuplift.proxy.tls.LegacyTls;
import org.tlsuplift.proxy.tls.TlsProfile;

/** Only a listener with its own weak CA presents its certificates, in both engines. */
class OwnCertificateTest {
  private static final TestAuthority COMMON = TestAuthority.create();
  private static final TestAuthority ORIGINS = TestAuthority.create();
  private static final TestAuthority WEAK =
      TestAuthority.ofListener(
          "web", KeyAlgorithm.RSA_1024, SignatureHash.SHA1, Extensions.MINIMAL);
  private static final TestAuthority VERSION_1 =
      TestAuthority.ofListener("web", KeyAlgorithm.RSA_1024, SignatureHash.SHA1, Extensions.NONE);
  private static final TestAuthority EC =
      TestAuthority.ofListener("web", KeyAlgorithm.EC_P256, SignatureHash.SHA1, Extensions.ALL);

  private static final Origin.Script ECHO =
      socket -> {
        String line = Device.readLine(socket.getInputStream());
        socket.getOutputStream().write((line + "\n").getBytes(US_ASCII));
        assertThat(socket.getInputStream().read()).isNegative();
      };

  private final Uplift.Settings settings = new Uplift.Settings();

  private Uplift uplift(TestAuthority own, TlsProfile profile) {
    settings.profile = profile;
    settings.routes = List.of(Uplift.route(Action.BRIDGE, WhenModern.BRIDGE, "localhost:*"));
    settings.ownCertificates = Map.of("web", own.source());
    return new Uplift(settings, COMMON, ORIGINS);
  }

  private static Origin origin() {
    return Origin.start(ORIGINS.serving("localhost"), ECHO, "TLSv1.2");
  }

  /** The parameters and certificate that the device got, after a reply of the origin. */
  private static String visit(SSLContext trust, Socket socket, String version, String suite)
      throws IOException {
    try (SSLSocket device =
        (SSLSocket) trust.getSocketFactory().createSocket(socket, "localhost", 443, true)) {
      device.setEnabledProtocols(new String[] {version});
      device.setEnabledCipherSuites(new String[] {suite});
      device.startHandshake();
      assertThat(Device.exchange(device, "scan")).isEqualTo("scan");
      X509Certificate leaf = (X509Certificate) device.getSession().getPeerCertificates()[0];
      return device.getSession().getCipherSuite() + " " + shown(leaf);
    }
  }

  private static String shown(X509Certificate leaf) {
    String key =
        leaf.getPublicKey() instanceof RSAPublicKey rsa
            ? "RSA-" + rsa.getModulus().bitLength()
            : "EC";
    return key + " " + leaf.getSigAlgName();
  }

  private static Socket tunnel(InetSocketAddress proxy, Origin origin) throws IOException {
    Socket socket = Device.open(proxy);
    Device.connect(socket, origin.as("localhost"));
    return socket;
  }

  @ParameterizedTest
  @CsvSource({
    // BoringSSL
    "TLSv1, TLS_RSA_WITH_AES_128_CBC_SHA",
    "TLSv1.1, TLS_ECDHE_RSA_WITH_AES_128_CBC_SHA",
    "TLSv1.2, TLS_ECDHE_RSA_WITH_AES_128_GCM_SHA256",
    "TLSv1.3, TLS_AES_128_GCM_SHA256",
    // the JDK
    "SSLv3, SSL_RSA_WITH_RC4_128_SHA",
    "TLSv1, SSL_RSA_WITH_3DES_EDE_CBC_SHA",
    "TLSv1, TLS_DHE_RSA_WITH_AES_128_CBC_SHA",
    "TLSv1.2, TLS_DHE_RSA_WITH_AES_128_GCM_SHA256",
  })
  void isShownByBothEngines(String version, String suite) throws Exception {
    for (TestAuthority weak : List.of(WEAK, VERSION_1)) {
      try (Origin origin = origin();
          Uplift uplift = uplift(weak, LegacyTls.ANTIQUE)) {
        assertThat(visit(weak.trusting(), tunnel(uplift.web(), origin), version, suite))
            .isEqualTo(suite + " RSA-1024 SHA1withRSA");
      }
    }
  }

  @ParameterizedTest
  @CsvSource({
    // BoringSSL
    "TLSv1, TLS_ECDHE_ECDSA_WITH_AES_128_CBC_SHA",
    "TLSv1.2, TLS_ECDHE_ECDSA_WITH_AES_256_GCM_SHA384",
    "TLSv1.3, TLS_AES_128_GCM_SHA256",
    // the JDK
    "TLSv1, TLS_ECDHE_ECDSA_WITH_RC4_128_SHA",
    "TLSv1.1, TLS_ECDHE_ECDSA_WITH_3DES_EDE_CBC_SHA",
    "TLSv1.2, TLS_ECDHE_ECDSA_WITH_AES_128_CBC_SHA256",
  })
  void mayHaveAnEcKey(String version, String suite) throws Exception {
    try (Origin origin = origin();
        Uplift uplift = uplift(EC, LegacyTls.ANTIQUE_ECDSA)) {
      assertThat(visit(EC.trusting(), tunnel(uplift.web(), origin), version, suite))
          .isEqualTo(suite + " EC SHA1withECDSA");
    }
  }

  @Test
  void onlyItsListenerPresentsIt() throws Exception {
    try (Origin origin = origin()) {
      settings.fixed = List.of(origin.as("localhost"));
      try (Uplift uplift = uplift(WEAK, LegacyTls.ANTIQUE)) {
        String usual = "TLS_RSA_WITH_AES_128_CBC_SHA";
        for (String suite : List.of(usual, "SSL_RSA_WITH_RC4_128_SHA")) {
          assertThat(visit(COMMON.trusting(), Device.open(uplift.fixed()), "TLSv1", suite))
              .isEqualTo(suite + " RSA-2048 SHA256withRSA");
        }
        assertThatThrownBy(
                () -> visit(WEAK.trusting(), Device.open(uplift.fixed()), "TLSv1", usual))
            .isInstanceOf(SSLException.class);
        // The next device has another event loop, which may run earlier.
        await().until(() -> uplift.observer.deviceHandshakes.size() == 3);
        assertThatThrownBy(
                () -> visit(COMMON.trusting(), tunnel(uplift.web(), origin), "TLSv1", usual))
            .isInstanceOf(SSLException.class);
        await().until(() -> uplift.observer.deviceHandshakes.size() == 4);
        assertThat(uplift.observer.deviceHandshakes.subList(2, 4))
            .allMatch(each -> each.outcome() == HandshakeOutcome.CERTIFICATE_REJECTED);
        assertThat(uplift.observer.deviceHandshakes.get(2).detail()).doesNotContain("of its own");
        assertThat(uplift.observer.deviceHandshakes.get(3).detail())
            .contains("'tls-uplift ca export --listener web'");
      }
    }
  }

  @ParameterizedTest
  @CsvSource({
    "localhost, localhost",
    ", uplift.example.test",
  })
  void containsOneNameOnly(String asked, String shown) throws Exception {
    try (Origin origin = origin()) {
      settings.fixed = List.of(origin.as("localhost"));
      settings.serverNames = List.of("uplift.example.test", "192.0.2.7");
      settings.profile = LegacyTls.ANTIQUE;
      settings.ownCertificates = Map.of("fixed-1", WEAK.source());
      try (Uplift uplift = new Uplift(settings, COMMON, ORIGINS);
          Socket socket = Device.open(uplift.fixed());
          SSLSocket device =
              (SSLSocket)
                  WEAK.trusting()
                      .getSocketFactory()
                      .createSocket(socket, asked == null ? "127.0.0.1" : asked, 443, true)) {
        device.setEnabledProtocols(new String[] {"TLSv1"});
        if (asked != null) {
          var parameters = device.getSSLParameters();
          parameters.setServerNames(List.of(new javax.net.ssl.SNIHostName(asked)));
          device.setSSLParameters(parameters);
        }
        device.startHandshake();
        X509Certificate leaf = (X509Certificate) device.getSession().getPeerCertificates()[0];
        assertThat(leaf.getSubjectAlternativeNames()).containsExactly(List.of(2, shown));
        assertThat(leaf.getSubjectX500Principal()).hasToString("CN=" + shown);
      }
    }
  }
}
