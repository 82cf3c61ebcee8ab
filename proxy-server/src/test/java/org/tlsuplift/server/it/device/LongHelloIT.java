package org.tlsuplift.server.it.device;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.InputStream;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.security.KeyStore;
import java.security.cert.CertificateFactory;
import javax.net.ssl.SSLContext;
import javax.net.ssl.SSLSocket;
import javax.net.ssl.TrustManagerFactory;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.tlsuplift.proxy.testing.LongHello;
import org.tlsuplift.server.it.lab.Daemon;
import org.tlsuplift.server.it.lab.Expectation;
import org.tlsuplift.server.it.lab.Lab;
import org.tlsuplift.server.it.lab.Metrics;
import org.tlsuplift.server.it.lab.TestCa;
import org.tlsuplift.server.it.peer.Conversations;
import org.tlsuplift.server.it.peer.JsseOrigin;

/** The daemon serves each ClientHello of up to 64 KiB with an engine that reads it. */
class LongHelloIT {
  @RegisterExtension static final Lab lab = new Lab();

  private static JsseOrigin origin;
  private static Daemon daemon;

  @BeforeAll
  static void start() throws Exception {
    TestCa ca = new TestCa(lab);
    origin = JsseOrigin.start(lab, ca.issue("localhost"), Conversations::echo);
    daemon =
        Daemon.start(
            lab,
            """
            listeners:
              - {name: legacy, bind: "127.0.0.1:0", accept: fixed, origin: "%1$s", profile: legacy}
              - {name: modern, bind: "127.0.0.1:0", accept: fixed, origin: "%1$s", profile: modern}
            routes:
              - {to: ["localhost:*"], action: bridge, whenModern: bridge}
            upstream: {trust: "%2$s"}
            """
                .formatted(origin.byName(), ca.file()));
  }

  private static SSLContext device() throws Exception {
    KeyStore trusted = KeyStore.getInstance(KeyStore.getDefaultType());
    trusted.load(null, null);
    try (InputStream pem = Files.newInputStream(daemon.authority())) {
      trusted.setCertificateEntry(
          "ca", CertificateFactory.getInstance("X.509").generateCertificate(pem));
    }
    TrustManagerFactory factory =
        TrustManagerFactory.getInstance(TrustManagerFactory.getDefaultAlgorithm());
    factory.init(trusted);
    SSLContext context = SSLContext.getInstance("TLS");
    context.init(null, factory.getTrustManagers(), null);
    return context;
  }

  @ParameterizedTest
  @CsvSource({
    "16384, 16384, 1460",
    "17408, 16384, 1460",
    "32769, 4096, 100000",
    "49152, 500, 700",
    "65500, 16384, 1460"
  })
  void completesTheHandshake(int length, int record, int segment) throws Exception {
    Metrics before = daemon.metrics();
    byte[] line = "scan\n".getBytes(StandardCharsets.US_ASCII);
    try (Socket socket = LongHello.slicing(daemon.listener("legacy"), record, segment);
        SSLSocket tls = LongHello.handshake(socket, device(), "TLSv1.2", length)) {
      tls.getOutputStream().write(line);
      assertThat(tls.getInputStream().readNBytes(line.length)).isEqualTo(line);
    }
    daemon.awaitIncrease(
        before,
        1,
        "tlsuplift_downstream_handshakes_total",
        "listener",
        "legacy",
        "protocol",
        "TLSv1.2",
        "outcome",
        "completed");
  }

  @Test
  void namesTheLimitAndTheProfileThatHelps() throws Exception {
    Expectation expected =
        Expectation.of(daemon, "modern", "TLSv1.2", "protocol_error", "device_handshake_failed");
    try (Socket socket = LongHello.slicing(daemon.listener("modern"), 16384, 1460)) {
      assertThatThrownBy(() -> LongHello.handshake(socket, device(), "TLSv1.2", 17408))
          .hasMessageContaining("illegal_parameter");
    }
    assertThat(expected.met())
        .contains("the ClientHello has 17408 bytes; BoringSSL reads at most 16384; give the device")
        .contains("profile: legacy");
  }
}
