package org.tlsuplift.server.daemon;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import ch.qos.logback.classic.Level;
import ch.qos.logback.classic.Logger;
import ch.qos.logback.classic.spi.ILoggingEvent;
import ch.qos.logback.core.read.ListAppender;
import java.io.IOException;
import java.io.InputStream;
import java.net.InetSocketAddress;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import javax.net.ssl.SSLSocket;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.slf4j.LoggerFactory;
import org.tlsuplift.proxy.model.TlsVersion;
import org.tlsuplift.proxy.outcome.OperatorException;
import org.tlsuplift.proxy.testing.ClientAuthority;
import org.tlsuplift.proxy.testing.TestAuthority;
import org.tlsuplift.proxy.tls.CertificateSource;
import org.tlsuplift.proxy.tls.Leaf;
import org.tlsuplift.proxy.tls.OriginTrust;
import org.tlsuplift.proxy.tls.TlsContexts;
import org.tlsuplift.server.config.ConfigLoader;
import org.tlsuplift.server.config.LoadedConfig;
import org.tlsuplift.server.daemon.watch.WatchedIdentity;

/** The admin port shows what is in the operator's files, and what is put in their place. */
class AdminCertificateTest {
  private static final ClientAuthority AUTHORITY = ClientAuthority.create();

  @TempDir Path directory;

  private final ListAppender<ILoggingEvent> lines = new ListAppender<>();
  private final Logger log = (Logger) LoggerFactory.getLogger(WatchedIdentity.class);
  private final ClientAuthority.Issued first = AUTHORITY.issue("EC", "first.example.test");
  private final ClientAuthority.Issued second = AUTHORITY.issue("RSA", "second.example.test");

  @BeforeEach
  void listen() {
    lines.start();
    log.addAppender(lines);
  }

  @AfterEach
  void stopListening() {
    log.detachAppender(lines);
  }

  private LoadedConfig config() throws Exception {
    return ConfigLoader.parse(
        """
        dataDirectory: '%1$s/data'
        listeners:
          - {name: web, bind: "127.0.0.1:0", accept: http-connect, profile: modern}
        routes: [{to: ["localhost:1024-65535"], action: bridge}]
        certificateAuthority: {keyAlgorithm: EC-P256}
        admin: {bind: "127.0.0.1:0", tls: {certificate: '%1$s/admin.pem', key: '%1$s/admin.key'}}
        limits: {drainTimeout: 0s}
        """
            .formatted(directory),
        "test");
  }

  /** Replaces the file in one step, so that a reader sees either the old or the new one. */
  private void put(String file, String content) throws IOException {
    Path written = Files.writeString(directory.resolve("new"), content);
    Files.move(written, directory.resolve(file), StandardCopyOption.ATOMIC_MOVE);
  }

  /** A connection of somebody who was not here before, and has nothing to resume. */
  private static SSLSocket connect(InetSocketAddress admin) throws IOException {
    SSLSocket socket =
        (SSLSocket)
            TestAuthority.trusting(AUTHORITY.certificate())
                .getSocketFactory()
                .createSocket(admin.getAddress(), admin.getPort());
    socket.setSoTimeout(60_000);
    return socket;
  }

  private static String shown(SSLSocket socket) throws IOException {
    return socket.getSession().getPeerPrincipal().getName();
  }

  private static String shown(InetSocketAddress admin) throws IOException {
    try (SSLSocket socket = connect(admin)) {
      return shown(socket);
    }
  }

  private static void isAnswered(SSLSocket socket) throws IOException {
    socket
        .getOutputStream()
        .write(
            "GET /healthz HTTP/1.1\r\nHost: 127.0.0.1\r\n\r\n".getBytes(StandardCharsets.US_ASCII));
    StringBuilder answer = new StringBuilder();
    InputStream in = socket.getInputStream();
    while (answer.indexOf("\r\n\r\nok\n") < 0) {
      int next = in.read();
      assertThat(next).as("after %s", answer).isNotNegative();
      answer.append((char) next);
    }
    assertThat(answer).startsWith("HTTP/1.1 200");
  }

  @Test
  void explainsWhyTheCaCannotSign() {
    CertificateSource expired =
        new CertificateSource() {
          @Override
          public CompletionStage<Leaf> leafFor(List<String> names) {
            return CompletableFuture.failedStage(
                new OperatorException("no certificate for admin.example.test: the CA expired"));
          }

          @Override
          public boolean maySign(String name) {
            return true;
          }
        };
    try (TlsContexts contexts =
        new TlsContexts(OriginTrust.of(List.of(AUTHORITY.certificate())), TlsVersion.TLS_1_3)) {
      assertThatThrownBy(
              () -> AdminCertificate.signedBy(expired, List.of("admin.example.test"), contexts))
          .isInstanceOf(OperatorException.class)
          .hasMessage("admin.tls: no certificate for admin.example.test: the CA expired");
    }
  }

  @Test
  void replacedFilesAreShownWithoutARestartAndBrokenOnesAreNot() throws Exception {
    put("admin.pem", first.certificatePem());
    put("admin.key", first.keyPem());
    try (Components components = Components.start(config(), line -> {});
        SSLSocket before = connect(components.adminAddress())) {
      InetSocketAddress admin = components.adminAddress();
      isAnswered(before);
      assertThat(shown(before)).isEqualTo("CN=first.example.test");
      endsWith(admin, first);

      put("admin.pem", second.certificatePem().substring(0, 200));
      components.identities().look();
      components.identities().look();
      assertThat(lines.list)
          .singleElement()
          .satisfies(
              line -> {
                assertThat(line.getLevel()).isEqualTo(Level.WARN);
                assertThat(line.getFormattedMessage())
                    .startsWith(
                        "certificate of the admin port not loaded; CN=first.example.test stays in use: ")
                    .contains("admin.pem");
              });
      assertThat(shown(admin)).isEqualTo("CN=first.example.test");

      put("admin.key", second.keyPem());
      put("admin.pem", second.certificatePem());
      components.identities().look();
      assertThat(shown(admin)).isEqualTo("CN=second.example.test");
      endsWith(admin, second);
      isAnswered(before);
      assertThat(lines.list.get(lines.list.size() - 1).getFormattedMessage())
          .startsWith("certificate of the admin port loaded: CN=second.example.test, expires ")
          .endsWith("new connections get it");
    }
  }

  private static void endsWith(InetSocketAddress admin, ClientAuthority.Issued issued)
      throws IOException {
    double end = issued.certificate().getNotAfter().toInstant().getEpochSecond();
    assertThat(AdminPage.readByTls(admin, "/metrics").body())
        .contains("\ntlsuplift_admin_certificate_expiry_seconds " + end + "\n");
    assertThat(AdminPage.readByTls(admin, "/").body())
        .contains("the certificate of the admin port");
  }
}
