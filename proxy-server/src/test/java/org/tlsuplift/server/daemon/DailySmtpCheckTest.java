package org.tlsuplift.server.daemon;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.time.Duration;
import java.time.Instant;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.tlsuplift.proxy.signin.MailboxPermits;
import org.tlsuplift.proxy.testing.SettableClock;
import org.tlsuplift.server.config.ConfigLoader;
import org.tlsuplift.server.config.LoadedConfig;
import org.tlsuplift.server.testing.platform.AppRegistration;
import org.tlsuplift.server.testing.platform.IdentityPlatform;
import org.tlsuplift.server.testing.platform.PlatformCertificate;

/** The daily check with a mail server that gets a good token and refuses the mailbox. */
class DailySmtpCheckTest {
  private static final String REFUSAL =
      "535 5.7.139 Authentication unsuccessful, SmtpClientAuthentication is disabled for the Mailbox.";

  @TempDir Path directory;

  @Test
  void namesTheMailboxAndTheRemedyAfterTheSecondRefusal() throws Exception {
    PlatformCertificate own = PlatformCertificate.selfSigned("localhost", "127.0.0.1");
    SettableClock clock = new SettableClock(Instant.now());
    try (IdentityPlatform platform = IdentityPlatform.start(own.key(), own.certificate());
        ServerSocket mails =
            own.context()
                .getServerSocketFactory()
                .createServerSocket(0, 9, InetAddress.getLoopbackAddress())) {
      Thread server = new Thread(() -> serve(mails), "mails");
      server.setDaemon(true);
      server.start();
      LoadedConfig loaded = load(platform, mails.getLocalPort());
      DailyTenantCheck check =
          new DailyTenantCheck(
              () -> loaded, () -> MailboxPermits.UNLIMITED, Optional::empty, clock);

      clock.advance(Duration.ofHours(26));
      check.look();
      assertThat(check.latest().orElseThrow().result()).isEqualTo("0 of 1 mailboxes passed");
      assertThat(check.conditions()).as("a first refusal may pass").isEmpty();

      clock.advance(Duration.ofMinutes(30));
      check.look();
      assertThat(check.conditions())
          .singleElement()
          .satisfies(
              lost ->
                  assertThat(lost.summary())
                      .contains("lets devices in as scanner@corp.example, smtp: ", REFUSAL),
              lost -> assertThat(lost.remedy()).contains("tls-uplift tenant check"));
    }
  }

  private LoadedConfig load(IdentityPlatform platform, int port) throws Exception {
    AppRegistration application = platform.register();
    Path secret = directory.resolve("secret");
    Files.createFile(
        secret, PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString("rw-------")));
    Files.writeString(secret, application.newSecret() + "\n");
    return ConfigLoader.parse(
        """
        dataDirectory: %s
        upstream: {trust: %s}
        routes: [{to: ["127.0.0.1:%5$d"], action: bridge}]
        listeners:
          - {name: mail, bind: "127.0.0.1:0", accept: fixed, origin: "127.0.0.1:%5$d", protocol: smtp, profile: legacy, signIn: true, upstreamTls: implicit}
        signIn:
          tenant: %3$s
          applicationId: %4$s
          clientSecretFile: %6$s
          authority: %7$s
          accounts:
            - {devices: [192.0.2.0/28], mailbox: scanner@corp.example}
        """
            .formatted(
                directory.resolve("data"),
                platform.certificateFile(),
                platform.tenant(),
                application.id(),
                port,
                secret,
                platform.url()),
        "test");
  }

  private static void serve(ServerSocket mails) {
    while (!mails.isClosed()) {
      try (Socket socket = mails.accept();
          BufferedReader in =
              new BufferedReader(
                  new InputStreamReader(socket.getInputStream(), StandardCharsets.US_ASCII))) {
        reply(socket, "220 mail ESMTP");
        for (String line = in.readLine(); line != null; line = in.readLine()) {
          reply(
              socket,
              line.startsWith("EHLO")
                  ? "250-mail\r\n250 AUTH XOAUTH2"
                  : line.startsWith("QUIT") ? "221 bye" : REFUSAL);
        }
      } catch (IOException closed) {
        // The next connection, or the end of the test.
      }
    }
  }

  private static void reply(Socket socket, String text) throws IOException {
    socket.getOutputStream().write((text + "\r\n").getBytes(StandardCharsets.US_ASCII));
  }
}
