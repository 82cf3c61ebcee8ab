package org.tlsuplift.proxy;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import java.io.IOException;
import java.io.InputStream;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.cert.CertificateException;
import java.security.cert.CertificateFactory;
import java.security.cert.X509Certificate;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import javax.net.ssl.SSLSocket;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;
import org.tlsuplift.proxy.model.HostPort;
import org.tlsuplift.proxy.model.SessionSummary;
import org.tlsuplift.proxy.outcome.CloseReason;
import org.tlsuplift.proxy.testing.Device;
import org.tlsuplift.proxy.testing.OpenSsl;
import org.tlsuplift.proxy.testing.TestAuthority;
import org.tlsuplift.proxy.testing.Uplift;

/** Key exchanges of bridges with {@code openssl s_server}, and with origins that drop hellos. */
class OpensslOriginTest {
  private static final TestAuthority OWN = TestAuthority.create();
  private static final TestAuthority ORIGINS = TestAuthority.create();

  @TempDir Path directory;
  private final Uplift.Settings settings = new Uplift.Settings();
  private Process server;

  @AfterEach
  void stop() {
    if (server != null) {
      server.destroy();
    }
  }

  /** Starts an origin that reverses each line. */
  private HostPort origin(String key, String options) throws Exception {
    OpenSsl.require();
    OpenSsl.must(
        directory,
        ("req -x509 -nodes -subj /CN=localhost -addext subjectAltName=DNS:localhost"
                + " -keyout key.pem -out origin.pem -newkey "
                + key)
            .split(" "));
    settings.trusted = certificate(directory.resolve("origin.pem"));
    List<String> command =
        new ArrayList<>(
            List.of(
                ("openssl s_server -rev -accept 127.0.0.1:0 -cert origin.pem -key key.pem "
                        + options)
                    .split(" ")));
    server =
        new ProcessBuilder(command).directory(directory.toFile()).redirectErrorStream(true).start();
    InputStream output = server.getInputStream();
    String line = "";
    while (!line.startsWith("ACCEPT ")) {
      line = Device.readLine(output);
    }
    return new HostPort(
        "localhost", Integer.parseInt(line.substring(line.indexOf(':') + 1).strip()));
  }

  private static X509Certificate certificate(Path file) throws IOException, CertificateException {
    try (InputStream in = Files.newInputStream(file)) {
      return (X509Certificate) CertificateFactory.getInstance("X.509").generateCertificate(in);
    }
  }

  private SessionSummary served(HostPort origin) throws Exception {
    try (Uplift uplift = new Uplift(settings, OWN, ORIGINS)) {
      try (SSLSocket device = Device.through(uplift.web(), origin, OWN.trusting(), "TLSv1")) {
        assertThat(Device.exchange(device, "scan")).isEqualTo("nacs");
      }
      return summary(uplift);
    }
  }

  private SessionSummary refused(HostPort origin) throws Exception {
    try (Uplift uplift = new Uplift(settings, OWN, ORIGINS)) {
      try (SSLSocket device = Device.through(uplift.web(), origin, OWN.trusting(), "TLSv1")) {
        assertThat(device.getInputStream().read()).isEqualTo(-1);
      } catch (IOException closed) {
        // The handshake with the device may complete before the one with the origin fails.
      }
      return summary(uplift);
    }
  }

  private static SessionSummary summary(Uplift uplift) {
    await().until(() -> !uplift.observer.closed.isEmpty());
    return uplift.observer.closed.get(0);
  }

  @ParameterizedTest
  @CsvSource({
    "'', X25519MLKEM768",
    "-groups X25519MLKEM768, X25519MLKEM768",
    "-groups X25519, x25519",
    "-groups P-384, secp384r1",
    "-tls1_2 -groups P-256, secp256r1",
    "-tls1_2, x25519",
  })
  void agreesToTheBestGroupAndReportsIt(String options, String group) throws Exception {
    HostPort origin = origin("ec -pkeyopt ec_paramgen_curve:P-256", options);
    assertThat(served(origin).originHandshake().agreed().group()).isEqualTo(group);
  }

  @Test
  void offersNoHybridIfItIsSwitchedOff() throws Exception {
    settings.postQuantum = false;
    HostPort origin = origin("ec -pkeyopt ec_paramgen_curve:P-256", "");
    assertThat(served(origin).originHandshake().agreed().group()).isEqualTo("x25519");
  }

  @Test
  void refusesAKeyExchangeThatIsSignedWithSha1() throws Exception {
    HostPort origin =
        origin(
            "rsa:2048",
            "-tls1_2 -sigalgs RSA+SHA1 -cipher ECDHE-RSA-AES128-GCM-SHA256:@SECLEVEL=0");
    SessionSummary summary = refused(origin);
    assertThat(summary.reason()).isEqualTo(CloseReason.ORIGIN_SIGNATURE_WEAK);
    assertThat(summary.detail()).contains("SHA-1", "SHA-256 signatures");
    assertThat(summary.originHandshake().outcome()).isEqualTo("origin_signature_weak");
  }

  @ParameterizedTest
  @CsvSource({
    "rsa:2048, -tls1_2 -sigalgs RSA+SHA256",
    "rsa:2048, -tls1_2 -sigalgs rsa_pss_rsae_sha256",
    "ec -pkeyopt ec_paramgen_curve:P-256, -tls1_2 -sigalgs ECDSA+SHA256",
  })
  void servesOriginsThatSignWithSha256(String key, String options) throws Exception {
    assertThat(served(origin(key, options)).originHandshake().failure()).isNull();
  }

  @ParameterizedTest
  @CsvSource({
    "ed25519, -tls1_2",
    "ed25519, -tls1_3",
    "ed448, -tls1_2",
    "ed448, -tls1_3",
    "rsa-pss -pkeyopt rsa_keygen_bits:2048, -tls1_2",
    "rsa-pss -pkeyopt rsa_keygen_bits:2048, -tls1_3",
    "ec -pkeyopt ec_paramgen_curve:P-521, -tls1_3",
  })
  void namesTheKeyAsAPossibleCause(String key, String options) throws Exception {
    SessionSummary summary = refused(origin(key, options));
    assertThat(summary.reason()).isEqualTo(CloseReason.ORIGIN_HANDSHAKE_FAILED);
    assertThat(summary.detail())
        .contains(
            "accepts no offered cipher suite, group or signature",
            "use an RSA or P-256 key",
            "Ed25519, Ed448, RSA-PSS");
  }

  /** An inspecting firewall may expect a whole hello in its first packet. */
  @ParameterizedTest
  @ValueSource(booleans = {true, false})
  void explainsAnOriginThatReadsOnlyTheFirstPacketOfTheHello(boolean silent) throws Exception {
    if (silent) {
      settings.originHandshakeTimeout = Duration.ofMillis(300);
    }
    try (ServerSocket listener = new ServerSocket(0, 1, InetAddress.getByName("127.0.0.1"))) {
      CompletableFuture<Socket> accepted =
          CompletableFuture.supplyAsync(
              () -> {
                try {
                  Socket socket = listener.accept();
                  assertThat(socket.getInputStream().readNBytes(1400)).hasSize(1400);
                  if (!silent) {
                    socket.close();
                  }
                  return socket;
                } catch (IOException failed) {
                  throw new IllegalStateException(failed);
                }
              });
      SessionSummary summary = refused(new HostPort("localhost", listener.getLocalPort()));
      accepted.join().close();
      assertThat(summary.reason()).isEqualTo(CloseReason.ORIGIN_HANDSHAKE_FAILED);
      assertThat(summary.detail()).contains("'upstream.postQuantum: false'");
    }
  }
}
