package org.tlsuplift.server.daemon;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import javax.net.ssl.SSLSocket;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.tlsuplift.proxy.model.HostPort;
import org.tlsuplift.proxy.outcome.OperatorException;
import org.tlsuplift.proxy.testing.ClientAuthority;
import org.tlsuplift.proxy.testing.Device;
import org.tlsuplift.proxy.testing.Origin;
import org.tlsuplift.proxy.testing.TestAuthority;
import org.tlsuplift.server.authority.CaExport;
import org.tlsuplift.server.config.ConfigLoader;
import org.tlsuplift.server.config.LoadedConfig;

/** The daemon presents the certificate that the configuration names, and a new one at once. */
class ConnectorTest {
  private static final TestAuthority ORIGINS = TestAuthority.create();
  private static final ClientAuthority CLIENTS = ClientAuthority.create();

  /** Answers a line with whom the origin believes to speak to. */
  private static final Origin.Script WHO =
      socket -> {
        Device.readLine(socket.getInputStream());
        String who = socket.getSession().getPeerPrincipal().getName() + "\n";
        socket.getOutputStream().write(who.getBytes(StandardCharsets.US_ASCII));
      };

  @TempDir Path directory;

  private LoadedConfig config() throws Exception {
    Files.write(
        directory.resolve("roots.pem"),
        CaExport.encode(ORIGINS.certificate(), CaExport.Format.PEM));
    return ConfigLoader.parse(
        """
        dataDirectory: '%1$s/data'
        listeners:
          - {name: web, bind: "127.0.0.1:0", accept: http-connect, profile: modern, mail: {allowedSenders: [scanner@contoso.example]}}
        routes:
          - to: ["localhost:*"]
            action: bridge
            clientCertificate: {certificate: '%1$s/relay.pem', key: '%1$s/relay.key'}
        certificateAuthority: {keyAlgorithm: EC-P256}
        upstream: {trust: '%1$s/roots.pem'}
        admin: {bind: "127.0.0.1:0"}
        limits: {drainTimeout: 0s}
        """
            .formatted(directory),
        "test");
  }

  private void present(ClientAuthority.Issued issued) throws Exception {
    Files.writeString(directory.resolve("relay.key"), issued.keyPem());
    Files.writeString(directory.resolve("relay.pem"), issued.certificatePem());
  }

  private static String ask(Components components, HostPort origin) throws Exception {
    try (SSLSocket device =
        Device.through(
            components.listeners().get(0).address(),
            origin,
            TestAuthority.trusting(components.ca().anchor()),
            "TLSv1.3")) {
      return Device.exchange(device, "who");
    }
  }

  @Test
  void aReplacedFileIsPresentedByTheNextConnection() throws Exception {
    ClientAuthority.Issued first = CLIENTS.issue("RSA", "first.example.test");
    ClientAuthority.Issued second = CLIENTS.issue("EC", "second.example.test");
    present(first);
    try (Origin origin =
            Origin.asking(
                true,
                CLIENTS.asking(
                    ORIGINS.source().leafFor(List.of("localhost")).toCompletableFuture().join()),
                WHO,
                "TLSv1.3");
        Components components = Components.start(config(), line -> {})) {
      assertThat(ask(components, origin.as("localhost"))).isEqualTo("CN=first.example.test");
      assertThat(expiry(components)).isEqualTo(seconds(first));

      present(second);
      components.identities().look();

      assertThat(ask(components, origin.as("localhost"))).isEqualTo("CN=second.example.test");
      assertThat(expiry(components)).isEqualTo(seconds(second));
    }
  }

  private static double seconds(ClientAuthority.Issued issued) {
    return issued.certificate().getNotAfter().toInstant().getEpochSecond();
  }

  private static double expiry(Components components) throws Exception {
    String name = "tlsuplift_client_certificate_expiry_seconds{destination=\"localhost:*\"} ";
    return AdminPage.read(components.adminAddress(), "/metrics")
        .body()
        .lines()
        .filter(line -> line.startsWith(name))
        .mapToDouble(line -> Double.parseDouble(line.substring(name.length())))
        .findFirst()
        .orElseThrow();
  }

  @Test
  void explainsAFileThatWasRemovedAfterTheCheck() throws Exception {
    present(CLIENTS.issue("EC", "first.example.test"));
    LoadedConfig checked = config();
    Files.delete(directory.resolve("relay.key"));
    org.assertj.core.api.Assertions.assertThatExceptionOfType(OperatorException.class)
        .isThrownBy(() -> Components.start(checked, line -> {}))
        .withMessageContaining("relay.key: no such file");
  }
}
