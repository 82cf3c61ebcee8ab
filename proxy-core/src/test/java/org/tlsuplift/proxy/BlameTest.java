package org.tlsuplift.proxy;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import java.io.IOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.util.HexFormat;
import java.util.concurrent.CompletableFuture;
import javax.net.ssl.SSLSocket;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;
import org.tlsuplift.proxy.model.CloseReason;
import org.tlsuplift.proxy.model.HostPort;
import org.tlsuplift.proxy.model.SessionSummary;
import org.tlsuplift.proxy.testing.Device;
import org.tlsuplift.proxy.testing.Origin;
import org.tlsuplift.proxy.testing.TestAuthority;
import org.tlsuplift.proxy.testing.Uplift;
import org.tlsuplift.proxy.tls.profile.LegacyTls;

/**
 * The close reason separates a peer that breaks TLS after the handshake from a broken connection.
 */
@Timeout(60)
class BlameTest {
  private static final TestAuthority OWN = TestAuthority.create();
  private static final TestAuthority ORIGINS = TestAuthority.create();
  private static final Origin.Script ECHO =
      socket -> socket.getInputStream().transferTo(socket.getOutputStream());

  private static SessionSummary summary(Uplift uplift) {
    await().until(() -> !uplift.observer.closed.isEmpty());
    return uplift.observer.closed.get(0);
  }

  private static Uplift uplift() {
    Uplift.Settings settings = new Uplift.Settings();
    settings.profile = LegacyTls.ANTIQUE;
    return new Uplift(settings, OWN, ORIGINS);
  }

  /** With RC4 the JDK's engine serves the device, otherwise BoringSSL. */
  private static SSLSocket device(Socket raw, String suite) throws IOException {
    SSLSocket device =
        (SSLSocket) OWN.trusting().getSocketFactory().createSocket(raw, "localhost", 443, true);
    device.setEnabledProtocols(new String[] {"TLSv1"});
    device.setEnabledCipherSuites(new String[] {suite});
    return device;
  }

  /** Plaintext, or application data that was encrypted with another key. */
  private static byte[] fault(String kind, String version) {
    return kind.equals("plaintext")
        ? "secret-word\r\n".getBytes(StandardCharsets.US_ASCII)
        : HexFormat.of().parseHex("17" + version + "0020" + "5a".repeat(32));
  }

  @ParameterizedTest
  @CsvSource({
    "TLS_RSA_WITH_AES_128_CBC_SHA, forged",
    "SSL_RSA_WITH_RC4_128_SHA, forged",
    "TLS_RSA_WITH_AES_128_CBC_SHA, plaintext",
    "SSL_RSA_WITH_RC4_128_SHA, plaintext"
  })
  void blamesADeviceThatBreaksTls(String suite, String kind) throws Exception {
    try (Origin origin = Origin.start(ORIGINS.serving("localhost"), ECHO, "TLSv1.2");
        Uplift uplift = uplift();
        Socket raw = Device.open(uplift.web())) {
      Device.connect(raw, origin.as("localhost"));
      assertThat(Device.exchange(device(raw, suite), "one")).isEqualTo("one");
      raw.getOutputStream().write(fault(kind, "0301"));
      SessionSummary summary = summary(uplift);
      assertThat(summary.reason()).isEqualTo(CloseReason.DEVICE_PROTOCOL_ERROR);
      assertThat(summary.detail())
          .startsWith("the device ")
          .doesNotContain("secret-word", "7365", "5a5a");
    }
  }

  /** The JDK's engine refuses renegotiation because of a setting of the daemon. */
  @Test
  void blamesADeviceThatRenegotiates() throws Exception {
    try (Origin origin = Origin.start(ORIGINS.serving("localhost"), ECHO, "TLSv1.2");
        Uplift uplift = uplift();
        Socket raw = Device.open(uplift.web())) {
      Device.connect(raw, origin.as("localhost"));
      SSLSocket device = device(raw, "TLS_RSA_WITH_AES_128_CBC_SHA");
      assertThat(Device.exchange(device, "one")).isEqualTo("one");
      CompletableFuture<Void> renegotiating =
          CompletableFuture.runAsync(
              () -> {
                try {
                  device.startHandshake();
                  Device.exchange(device, "two");
                } catch (IOException refused) {
                  // This is expected.
                }
              });
      assertThat(summary(uplift).reason()).isEqualTo(CloseReason.DEVICE_PROTOCOL_ERROR);
      renegotiating.join();
    }
  }

  @ParameterizedTest
  @ValueSource(strings = {"forged", "plaintext"})
  void blamesAnOriginThatBreaksTls(String kind) throws Exception {
    try (ServerSocket origin = new ServerSocket(0, 1, InetAddress.getByName("127.0.0.1"));
        Uplift uplift = uplift()) {
      CompletableFuture<Void> serving = CompletableFuture.runAsync(() -> serve(origin, kind));
      HostPort target = new HostPort("localhost", origin.getLocalPort());
      try (SSLSocket device = Device.through(uplift.web(), target, OWN.trusting(), "TLSv1")) {
        device.getOutputStream().write("one\n".getBytes(StandardCharsets.US_ASCII));
        SessionSummary summary = summary(uplift);
        assertThat(summary.reason()).isEqualTo(CloseReason.ORIGIN_PROTOCOL_ERROR);
        assertThat(summary.detail()).startsWith("the origin ").doesNotContain("secret-word");
      }
      serving.join();
    }
  }

  private static void serve(ServerSocket origin, String kind) {
    try (Socket raw = origin.accept()) {
      SSLSocket tls =
          (SSLSocket) ORIGINS.serving("localhost").getSocketFactory().createSocket(raw, null, true);
      tls.setEnabledProtocols(new String[] {"TLSv1.2"});
      assertThat(Device.readLine(tls.getInputStream())).isEqualTo("one");
      raw.getOutputStream().write(fault(kind, "0303"));
      var unused = raw.getInputStream().readAllBytes();
    } catch (IOException ended) {
      // The proxy closed the connection.
    }
  }

  /** A reset is reported as a reset. */
  @Test
  void doesNotBlameADeviceWhoseConnectionBreaks() throws Exception {
    try (Origin origin = Origin.start(ORIGINS.serving("localhost"), ECHO, "TLSv1.2");
        Uplift uplift = uplift();
        Socket raw = Device.open(uplift.web())) {
      Device.connect(raw, origin.as("localhost"));
      assertThat(Device.exchange(device(raw, "TLS_RSA_WITH_AES_128_CBC_SHA"), "one"))
          .isEqualTo("one");
      raw.setSoLinger(true, 0);
      raw.close();
      assertThat(summary(uplift).reason()).isEqualTo(CloseReason.DEVICE_RESET);
    }
  }
}
