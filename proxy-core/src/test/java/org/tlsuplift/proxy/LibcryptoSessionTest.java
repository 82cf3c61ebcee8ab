package org.tlsuplift.proxy;

import static java.nio.charset.StandardCharsets.US_ASCII;
import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.net.Socket;
import java.util.List;
import javax.net.ssl.SSLContext;
import javax.net.ssl.SSLSocket;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.tlsuplift.proxy.model.Action;
import org.tlsuplift.proxy.route.WhenModern;
import org.tlsuplift.proxy.testing.Device;
import org.tlsuplift.proxy.testing.Origin;
import org.tlsuplift.proxy.testing.TestAuthority;
import org.tlsuplift.proxy.testing.Uplift;
import org.tlsuplift.proxy.tls.rsa.RsaLibraries;

/** Whole sessions of devices, with the RSA operations by another library than BoringSSL. */
class LibcryptoSessionTest {
  private static final TestAuthority AUTHORITY = TestAuthority.create();
  private static final TestAuthority BOTH = TestAuthority.withBothKeys();

  private final RsaLibraries library = RsaLibraries.any();
  private final Uplift.Settings settings = new Uplift.Settings();

  private Uplift uplift(TestAuthority own) {
    settings.rsa = library.rsa();
    settings.routes = List.of(Uplift.route(Action.BRIDGE, WhenModern.BRIDGE, "localhost:*"));
    return new Uplift(settings, own, AUTHORITY);
  }

  private static Origin origin() {
    return Origin.start(
        AUTHORITY.serving("localhost"),
        socket -> {
          String line = Device.readLine(socket.getInputStream());
          socket.getOutputStream().write((line + "\n").getBytes(US_ASCII));
          assertThat(socket.getInputStream().read()).isNegative();
        },
        "TLSv1.2");
  }

  private static void visit(
      Uplift uplift, Origin origin, SSLContext trust, String version, String suite)
      throws IOException {
    Socket socket = Device.open(uplift.web());
    Device.connect(socket, origin.as("localhost"));
    try (SSLSocket device =
        (SSLSocket) trust.getSocketFactory().createSocket(socket, "localhost", 443, true)) {
      device.setEnabledProtocols(new String[] {version});
      device.setEnabledCipherSuites(new String[] {suite});
      device.startHandshake();
      assertThat(Device.exchange(device, "scan")).isEqualTo("scan");
    }
  }

  @ParameterizedTest
  @CsvSource({
    "TLSv1, TLS_ECDHE_RSA_WITH_AES_128_CBC_SHA",
    "TLSv1, TLS_RSA_WITH_AES_128_CBC_SHA",
    "TLSv1.1, TLS_ECDHE_RSA_WITH_AES_256_CBC_SHA",
    "TLSv1.2, TLS_ECDHE_RSA_WITH_AES_128_GCM_SHA256",
    "TLSv1.2, TLS_RSA_WITH_AES_128_CBC_SHA",
    "TLSv1.3, TLS_AES_128_GCM_SHA256",
  })
  void aDeviceIsServed(String version, String suite) throws Exception {
    try (Origin origin = origin();
        Uplift uplift = uplift(AUTHORITY)) {
      visit(uplift, origin, AUTHORITY.trusting(), version, suite);
      assertThat(library.operations()).isEqualTo(1);
    }
  }

  @Test
  void aResumedSessionUsesNoPrivateKey() throws Exception {
    try (Origin origin = origin();
        Uplift uplift = uplift(AUTHORITY)) {
      SSLContext trust = AUTHORITY.trusting();
      for (int visit = 0; visit < 3; visit++) {
        visit(uplift, origin, trust, "TLSv1.2", "TLS_ECDHE_RSA_WITH_AES_128_GCM_SHA256");
      }
      assertThat(library.operations()).isEqualTo(1);
    }
  }

  @Test
  void aDeviceWithAnEcCertificateIsServedByBoringSsl() throws Exception {
    try (Origin origin = origin();
        Uplift uplift = uplift(BOTH)) {
      visit(uplift, origin, BOTH.trusting(), "TLSv1", "TLS_ECDHE_ECDSA_WITH_AES_128_CBC_SHA");
      assertThat(library.operations()).isZero();
    }
  }
}
