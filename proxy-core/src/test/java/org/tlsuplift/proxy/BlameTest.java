package org.tlsuplift.proxy;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import java.io.IOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.net.SocketException;
import java.nio.charset.StandardCharsets;
import java.security.cert.CertificateException;
import java.security.cert.X509Certificate;
import java.util.HexFormat;
import java.util.Queue;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.CountDownLatch;
import javax.net.ssl.SSLContext;
import javax.net.ssl.SSLException;
import javax.net.ssl.SSLSocket;
import javax.net.ssl.TrustManager;
import javax.net.ssl.X509TrustManager;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;
import org.tlsuplift.proxy.mail.MailService;
import org.tlsuplift.proxy.model.HostPort;
import org.tlsuplift.proxy.model.MailProtocol;
import org.tlsuplift.proxy.model.SessionSummary;
import org.tlsuplift.proxy.outcome.CloseReason;
import org.tlsuplift.proxy.testing.Device;
import org.tlsuplift.proxy.testing.MailTalk;
import org.tlsuplift.proxy.testing.Origin;
import org.tlsuplift.proxy.testing.TestAuthority;
import org.tlsuplift.proxy.testing.Uplift;
import org.tlsuplift.proxy.testing.XoauthOrigin;
import org.tlsuplift.proxy.tls.LegacyTls;

/**
 * The close reason separates a peer that breaks TLS after the handshake from a broken connection.
 */
@Timeout(300)
class BlameTest {
  private static final TestAuthority OWN = TestAuthority.create();
  private static final TestAuthority ORIGINS = TestAuthority.create();
  private static final int ALERT = 21;
  private static final Origin.Script ECHO =
      socket -> socket.getInputStream().transferTo(socket.getOutputStream());

  /**
   * Java 17 closes a TLS socket that it collects, and so the connection that the test still uses.
   */
  private final Queue<SSLSocket> inUse = new ConcurrentLinkedQueue<>();

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
  private SSLSocket device(Socket raw, String suite) throws IOException {
    SSLSocket device =
        (SSLSocket) OWN.trusting().getSocketFactory().createSocket(raw, "localhost", 443, true);
    device.setEnabledProtocols(new String[] {"TLSv1"});
    device.setEnabledCipherSuites(new String[] {suite});
    inUse.add(device);
    return device;
  }

  private SSLSocket origin(Socket raw, SSLContext context) throws IOException {
    SSLSocket origin = (SSLSocket) context.getSocketFactory().createSocket(raw, null, true);
    origin.setEnabledProtocols(new String[] {"TLSv1.2"});
    inUse.add(origin);
    return origin;
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

  /** No byte of the origin follows that could reveal the fault, and the device waits. */
  @ParameterizedTest
  @CsvSource({
    "TLS_RSA_WITH_AES_128_CBC_SHA, forged",
    "SSL_RSA_WITH_RC4_128_SHA, forged",
    "TLS_RSA_WITH_AES_128_CBC_SHA, plaintext",
    "SSL_RSA_WITH_RC4_128_SHA, plaintext"
  })
  void blamesADeviceThatBreaksTlsWhileTheOriginIsDialled(String suite, String kind)
      throws Exception {
    CountDownLatch never = new CountDownLatch(1);
    try (Origin origin = Origin.gated(ORIGINS.serving("localhost"), never, ECHO, "TLSv1.2");
        Uplift uplift = uplift();
        Socket raw = Device.open(uplift.web())) {
      Device.connect(raw, origin.as("localhost"));
      device(raw, suite).startHandshake();
      raw.getOutputStream().write(fault(kind, "0301"));
      SessionSummary summary = summary(uplift);
      assertThat(summary.reason()).isEqualTo(CloseReason.DEVICE_PROTOCOL_ERROR);
      assertThat(summary.detail())
          .startsWith("the device ")
          .doesNotContain("secret-word", "7365", "5a5a");
      assertThat(endOf(raw)).startsWith(kind.equals("forged") ? "alert" : "");
    }
  }

  /** The proxy itself replies to the device. */
  @Test
  void blamesADeviceThatBreaksTlsBeforeItSignsIn() throws Exception {
    try (SignInRig rig = new SignInRig()) {
      XoauthOrigin origin = rig.origin(MailProtocol.SMTP, MailService.OriginTls.IMPLICIT);
      Uplift uplift = rig.start(MailService.DeviceTls.IMPLICIT, false, origin);
      try (Socket raw = Device.open(uplift.fixed())) {
        inUse.add(Device.handshake(raw, "localhost", MailRig.TRUSTING, "TLSv1"));
        raw.getOutputStream().write(fault("forged", "0301"));
        assertThat(summary(uplift).reason()).isEqualTo(CloseReason.DEVICE_PROTOCOL_ERROR);
      }
    }
  }

  /** Otherwise the proxy would wait for the reply, and report that it is late. */
  @Test
  void blamesAMailOriginThatBreaksTlsBeforeItsGreeting() throws Exception {
    try (ServerSocket origin = new ServerSocket(0, 1, InetAddress.getByName("127.0.0.1"));
        MailRig rig = new MailRig()) {
      CompletableFuture<Void> serving = CompletableFuture.runAsync(() -> breakTls(origin));
      Uplift uplift =
          rig.start(
              new MailService(
                  MailProtocol.SMTP,
                  MailService.DeviceTls.STARTTLS,
                  MailService.OriginTls.IMPLICIT,
                  false),
              new HostPort("localhost", origin.getLocalPort()));
      try (MailTalk device = MailTalk.to(uplift.fixed())) {
        device.hear();
        assertThat(device.ask("EHLO printer")).startsWith("421 ");
      }
      assertThat(summary(uplift).reason()).isEqualTo(CloseReason.ORIGIN_PROTOCOL_ERROR);
      assertThat(summary(uplift).detail()).startsWith("the origin violated the TLS protocol");
      serving.join();
    }
  }

  private void breakTls(ServerSocket origin) {
    try (Socket raw = origin.accept()) {
      origin(raw, MailRig.SERVING).startHandshake();
      raw.getOutputStream().write(fault("forged", "0303"));
      var unused = raw.getInputStream().readAllBytes();
    } catch (IOException ended) {
      // The proxy closed the connection.
    }
  }

  /** What the device gets: an alert or nothing, and the end of the connection. */
  private static String endOf(Socket raw) throws IOException {
    try {
      return raw.getInputStream().read() == ALERT ? "alert" : "end";
    } catch (SocketException reset) {
      return "reset";
    }
  }

  /** Closes when the proxy closes, as devices do. The proxy waits two seconds for another one. */
  private static void awaitEnd(SSLSocket device) throws IOException {
    try (device) {
      var unused = device.getInputStream().readAllBytes();
    } catch (SSLException | SocketException cut) {
      // It depends on the fault how the connection ends.
    }
  }

  /** The device pauses its handshake at the certificate, until the origin has failed. */
  @ParameterizedTest
  @ValueSource(strings = {"forged", "plaintext"})
  void blamesAnOriginThatBreaksTlsBeforeTheDeviceIsReady(String kind) throws Exception {
    CountDownLatch originEnded = new CountDownLatch(1);
    try (ServerSocket origin = new ServerSocket(0, 1, InetAddress.getByName("127.0.0.1"));
        Uplift uplift = uplift()) {
      CompletableFuture<Void> serving =
          CompletableFuture.runAsync(
              () -> {
                breakTls(origin, kind, uplift);
                originEnded.countDown();
              });
      HostPort target = new HostPort("localhost", origin.getLocalPort());
      try (SSLSocket device = Device.through(uplift.web(), target, pausing(originEnded), "TLSv1")) {
        device.getOutputStream().write("one\n".getBytes(StandardCharsets.US_ASCII));
        awaitEnd(device);
        SessionSummary summary = summary(uplift);
        assertThat(summary.reason()).isEqualTo(CloseReason.ORIGIN_PROTOCOL_ERROR);
        assertThat(summary.detail()).startsWith("the origin ").doesNotContain("secret-word");
      }
      serving.join();
    }
  }

  /** Breaks TLS after the handshake, and waits until the proxy reacts. */
  private void breakTls(ServerSocket origin, String kind, Uplift uplift) {
    try (Socket raw = origin.accept()) {
      raw.setSoTimeout(20_000);
      origin(raw, ORIGINS.serving("localhost")).startHandshake();
      await().until(() -> !uplift.observer.originHandshakes.isEmpty());
      raw.getOutputStream().write(fault(kind, "0303"));
      var unused = raw.getInputStream().read();
    } catch (IOException ended) {
      // The proxy closed the connection.
    }
  }

  /** A context whose devices check the server's certificate only after the event. */
  private static SSLContext pausing(CountDownLatch event) throws Exception {
    SSLContext context = SSLContext.getInstance("TLS");
    context.init(null, new TrustManager[] {new Pausing(event)}, null);
    return context;
  }

  private record Pausing(CountDownLatch event) implements X509TrustManager {
    @Override
    public void checkClientTrusted(X509Certificate[] chain, String authType) {
      throw new UnsupportedOperationException("this is a device");
    }

    @Override
    public void checkServerTrusted(X509Certificate[] chain, String authType)
        throws CertificateException {
      try {
        event.await();
      } catch (InterruptedException stopped) {
        throw new CertificateException(stopped);
      }
    }

    @Override
    public X509Certificate[] getAcceptedIssuers() {
      return new X509Certificate[0];
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
        awaitEnd(device);
        SessionSummary summary = summary(uplift);
        assertThat(summary.reason()).isEqualTo(CloseReason.ORIGIN_PROTOCOL_ERROR);
        assertThat(summary.detail()).startsWith("the origin ").doesNotContain("secret-word");
      }
      serving.join();
    }
  }

  private void serve(ServerSocket origin, String kind) {
    try (Socket raw = origin.accept()) {
      SSLSocket tls = origin(raw, ORIGINS.serving("localhost"));
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
