package org.tlsuplift.proxy;

import static java.nio.charset.StandardCharsets.US_ASCII;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import java.io.IOException;
import java.net.InetAddress;
import java.net.Socket;
import java.security.cert.CertificateException;
import java.security.cert.X509Certificate;
import java.util.List;
import java.util.Map;
import javax.net.ssl.SSLContext;
import javax.net.ssl.SSLException;
import javax.net.ssl.SSLSocket;
import javax.net.ssl.TrustManager;
import javax.net.ssl.X509TrustManager;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.tlsuplift.proxy.model.Action;
import org.tlsuplift.proxy.outcome.CloseReason;
import org.tlsuplift.proxy.route.WhenModern;
import org.tlsuplift.proxy.testing.Device;
import org.tlsuplift.proxy.testing.Origin;
import org.tlsuplift.proxy.testing.TestAuthority;
import org.tlsuplift.proxy.testing.Uplift;
import org.tlsuplift.proxy.tls.TlsProfile;

/** A device that supports P-256 gets a leaf with an EC key, and all others get RSA. */
class EcLeafTest {
  private static final TestAuthority BOTH = TestAuthority.withBothKeys();
  private static final TestAuthority ORIGINS = TestAuthority.create();

  private final Uplift.Settings settings = new Uplift.Settings();

  private Uplift uplift() {
    settings.routes = List.of(Uplift.route(Action.BRIDGE, WhenModern.BRIDGE, "localhost:*"));
    return new Uplift(settings, BOTH, ORIGINS);
  }

  private static Origin origin() {
    return Origin.start(
        ORIGINS.serving("localhost"),
        socket -> {
          String line = Device.readLine(socket.getInputStream());
          socket.getOutputStream().write((line + "\n").getBytes(US_ASCII));
          assertThat(socket.getInputStream().read()).isNegative();
        },
        "TLSv1.2");
  }

  /** The key of the certificate that the device got, after a reply of the origin. */
  private static String visit(
      Uplift uplift, Origin origin, SSLContext trust, String version, String... suites)
      throws IOException {
    Socket socket = Device.open(uplift.web());
    Device.connect(socket, origin.as("localhost"));
    try (SSLSocket device =
        (SSLSocket) trust.getSocketFactory().createSocket(socket, "localhost", 443, true)) {
      device.setEnabledProtocols(new String[] {version});
      device.setEnabledCipherSuites(suites);
      device.startHandshake();
      assertThat(Device.exchange(device, "scan")).isEqualTo("scan");
      return device.getSession().getPeerCertificates()[0].getPublicKey().getAlgorithm();
    }
  }

  @ParameterizedTest
  @CsvSource({
    "TLSv1, TLS_RSA_WITH_AES_128_CBC_SHA, TLS_ECDHE_ECDSA_WITH_AES_128_CBC_SHA",
    "TLSv1.1, TLS_ECDHE_RSA_WITH_AES_128_CBC_SHA, TLS_ECDHE_ECDSA_WITH_AES_128_CBC_SHA",
    "TLSv1.2, TLS_ECDHE_RSA_WITH_AES_128_GCM_SHA256, TLS_ECDHE_ECDSA_WITH_AES_128_GCM_SHA256",
    "TLSv1.3, TLS_AES_128_GCM_SHA256, TLS_AES_256_GCM_SHA384",
  })
  void aDeviceThatOffersItGetsAnEcKey(String version, String one, String other) throws Exception {
    try (Origin origin = origin();
        Uplift uplift = uplift()) {
      assertThat(visit(uplift, origin, BOTH.trusting(), version, one, other)).isEqualTo("EC");
    }
  }

  @ParameterizedTest
  @CsvSource({
    "TLSv1, TLS_ECDHE_RSA_WITH_AES_128_CBC_SHA",
    "TLSv1.1, TLS_RSA_WITH_AES_128_CBC_SHA",
    "TLSv1.2, TLS_ECDHE_RSA_WITH_AES_128_GCM_SHA256",
  })
  void aDeviceThatDoesNotOfferItGetsAnRsaKey(String version, String suite) throws Exception {
    try (Origin origin = origin();
        Uplift uplift = uplift()) {
      assertThat(visit(uplift, origin, BOTH.trusting(), version, suite)).isEqualTo("RSA");
    }
  }

  @Test
  void aBetterSuiteCountsForMoreThanACheapKey() throws Exception {
    try (Origin origin = origin();
        Uplift uplift = uplift()) {
      assertThat(
              visit(
                  uplift,
                  origin,
                  BOTH.trusting(),
                  "TLSv1.2",
                  "TLS_ECDHE_RSA_WITH_AES_128_GCM_SHA256",
                  "TLS_ECDHE_ECDSA_WITH_AES_128_CBC_SHA"))
          .isEqualTo("RSA");
    }
  }

  @Test
  void theProfileModernHasBothKeysToo() throws Exception {
    settings.profile = TlsProfile.MODERN;
    try (Origin origin = origin();
        Uplift uplift = uplift()) {
      assertThat(
              visit(
                  uplift,
                  origin,
                  BOTH.trusting(),
                  "TLSv1.2",
                  "TLS_ECDHE_ECDSA_WITH_AES_128_GCM_SHA256"))
          .isEqualTo("EC");
    }
  }

  @Test
  void aListenersOwnCertificatesHaveOneKey() throws Exception {
    TestAuthority own = TestAuthority.create();
    settings.ownCertificates = Map.of("web", own.source());
    try (Origin origin = origin();
        Uplift uplift = uplift()) {
      assertThat(
              visit(
                  uplift,
                  origin,
                  own.trusting(),
                  "TLSv1.2",
                  "TLS_ECDHE_ECDSA_WITH_AES_128_GCM_SHA256",
                  "TLS_ECDHE_RSA_WITH_AES_128_GCM_SHA256"))
          .isEqualTo("RSA");
    }
  }

  /** Old firmware may list suites that its checks of certificates do not support. */
  @Test
  void aDeviceThatRefusedAnEcKeyGetsAnRsaKeyFromThenOn() throws Exception {
    SSLContext picky = SSLContext.getInstance("TLS");
    picky.init(null, new TrustManager[] {new RsaOnly()}, null);
    String[] suites = {
      "TLS_ECDHE_ECDSA_WITH_AES_128_GCM_SHA256", "TLS_ECDHE_RSA_WITH_AES_128_GCM_SHA256"
    };
    try (Origin origin = origin();
        Uplift uplift = uplift()) {
      assertThatThrownBy(() -> visit(uplift, origin, picky, "TLSv1.2", suites))
          .isInstanceOf(SSLException.class);
      awaitRefusal(true);
      for (int visit = 0; visit < 2; visit++) {
        assertThat(visit(uplift, origin, picky, "TLSv1.2", suites)).isEqualTo("RSA");
      }
    }
  }

  @Test
  void aDeviceThatRefusedAnEcKeyBeforeTheStartGetsAnRsaKey() throws Exception {
    settings.ecRefusals.add(InetAddress.getLoopbackAddress());
    try (Origin origin = origin();
        Uplift uplift = uplift()) {
      assertThat(visit(uplift, origin, BOTH.trusting(), "TLSv1.3", "TLS_AES_128_GCM_SHA256"))
          .isEqualTo("RSA");
    }
  }

  /** A port check or a test of the settings may close without a request. */
  @ParameterizedTest
  @CsvSource({
    "TLSv1, TLS_ECDHE_ECDSA_WITH_AES_128_CBC_SHA",
    "TLSv1.2, TLS_ECDHE_ECDSA_WITH_AES_128_GCM_SHA256"
  })
  void aDeviceWithoutRsaKeepsItsEcKeyAfterAnUnusedSession(String version, String suite)
      throws Exception {
    try (Origin origin = origin();
        Uplift uplift = uplift()) {
      for (int visit = 1; visit <= 2; visit++) {
        int ended = visit;
        handshakeOnly(uplift, origin, version, suite);
        await().until(() -> uplift.observer.closed.size() == ended);
        assertThat(uplift.observer.closed.get(visit - 1).reason())
            .isEqualTo(CloseReason.DEVICE_CLOSED_UNUSED);
      }
      assertThat(visit(uplift, origin, BOTH.trusting(), version, suite)).isEqualTo("EC");
    }
  }

  private static void handshakeOnly(Uplift uplift, Origin origin, String version, String suite)
      throws IOException {
    Socket socket = Device.open(uplift.web());
    Device.connect(socket, origin.as("localhost"));
    try (SSLSocket device =
        (SSLSocket)
            BOTH.trusting().getSocketFactory().createSocket(socket, "localhost", 443, true)) {
      device.setEnabledProtocols(new String[] {version});
      device.setEnabledCipherSuites(new String[] {suite});
      device.startHandshake();
    }
  }

  /** Then the key is not the reason; most often the CA is not installed yet. */
  @Test
  void aDeviceThatRefusesBothKeysGetsAnEcKeyAgain() throws Exception {
    String suite = "TLS_AES_128_GCM_SHA256";
    try (Origin origin = origin();
        Uplift uplift = uplift()) {
      assertThatThrownBy(() -> visit(uplift, origin, ORIGINS.trusting(), "TLSv1.3", suite))
          .isInstanceOf(SSLException.class);
      awaitRefusal(true);
      assertThatThrownBy(() -> visit(uplift, origin, ORIGINS.trusting(), "TLSv1.3", suite))
          .isInstanceOf(SSLException.class);
      awaitRefusal(false);
      assertThat(visit(uplift, origin, BOTH.trusting(), "TLSv1.3", suite)).isEqualTo("EC");
    }
  }

  /** The proxy learns of a refusal after the device. */
  private void awaitRefusal(boolean known) {
    await().until(() -> settings.ecRefusals.contains(InetAddress.getLoopbackAddress()) == known);
  }

  private static final class RsaOnly implements X509TrustManager {
    @Override
    public void checkClientTrusted(X509Certificate[] chain, String authType) {
      throw new UnsupportedOperationException("this is a device");
    }

    @Override
    public void checkServerTrusted(X509Certificate[] chain, String authType)
        throws CertificateException {
      if (!chain[0].getPublicKey().getAlgorithm().equals("RSA")) {
        throw new CertificateException("an unknown kind of key");
      }
    }

    @Override
    public X509Certificate[] getAcceptedIssuers() {
      return new X509Certificate[0];
    }
  }
}
