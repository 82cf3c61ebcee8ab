package org.tlsuplift.server.daemon;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.attribute.PosixFilePermissions;
import java.time.Duration;
import java.util.Base64;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.tlsuplift.proxy.mail.MailService.OriginTls;
import org.tlsuplift.proxy.model.MailProtocol;
import org.tlsuplift.proxy.testing.MailTalk;
import org.tlsuplift.proxy.testing.TestAuthority;
import org.tlsuplift.proxy.testing.XoauthOrigin;
import org.tlsuplift.server.authority.CaExport;
import org.tlsuplift.server.config.ConfigLoader;
import org.tlsuplift.server.signin.PasswordHash;
import org.tlsuplift.server.testing.platform.AppRegistration;
import org.tlsuplift.server.testing.platform.IdentityPlatform;

/** What accounts may do in a running daemon, until they are removed. */
@Timeout(120)
class AccountRightsTest {
  private static final TestAuthority ORIGINS = TestAuthority.create();
  private static final Duration TIMEOUT = Duration.ofSeconds(20);
  private static final String PASSWORD = "a password of the proxy";
  private static final String HASH = PasswordHash.of(PASSWORD.toCharArray()).encoded();
  private static final String UPSTREAM_SECRET = "a password of the origin";
  private static final String ANYWHERE = "[127.0.0.0/8]";

  @TempDir Path directory;
  private String trust = "";
  private Components components;
  private Reloader reloader;
  private String yaml = "";

  @AfterEach
  void stop() {
    components.close();
  }

  private void start(String config) throws Exception {
    Files.writeString(directory.resolve("roots.pem"), trust + pem(ORIGINS));
    yaml = config;
    components = Components.start(ConfigLoader.parse(yaml, "test"), line -> {});
    reloader = new Reloader(components, () -> ConfigLoader.parse(yaml, "test"));
  }

  private void reload(String config) {
    yaml = config;
    assertThat(reloader.reload("test").problems()).isEmpty();
  }

  private static String pem(TestAuthority authority) {
    return new String(
        CaExport.encode(authority.certificate(), CaExport.Format.PEM), StandardCharsets.US_ASCII);
  }

  private static XoauthOrigin origin(MailProtocol protocol, String host) {
    return new XoauthOrigin(protocol, OriginTls.IMPLICIT, ORIGINS.serving(host));
  }

  private static String listener(XoauthOrigin origin, String host) {
    return "  - {name: 'at-%1$s', bind: '127.0.0.1:0', accept: fixed, origin: '%2$s', protocol: %3$s, downstreamTls: implicit, upstreamTls: implicit, serverNames: [device.example], profile: legacy, signIn: true}\n"
        .formatted(host.replace('.', '-'), origin.as(host), origin.protocol().label());
  }

  private String yaml(String allow, String listeners, String signIn) {
    return """
        dataDirectory: '%1$s/data'
        admin: {bind: "127.0.0.1:0"}
        certificateAuthority: {keyAlgorithm: EC-P256, nameConstraints: false}
        upstream: {trust: '%1$s/roots.pem'}
        devices: {allow: %2$s}
        routes: [{to: ["localhost:*", "127.0.0.1:*"], action: bridge}]
        listeners:
        %3$s
        signIn: %4$s
        """
        .formatted(directory, allow, listeners.stripTrailing(), signIn);
  }

  private Path privately(String name, String text) throws IOException {
    Path file = directory.resolve(name + ".new");
    Files.deleteIfExists(file);
    Files.createFile(
        file, PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString("rw-------")));
    Files.writeString(file, text);
    return Files.move(file, directory.resolve(name), StandardCopyOption.REPLACE_EXISTING);
  }

  private String account(String login, XoauthOrigin origin) throws IOException {
    return "  - {login: %s, passwordHash: '%s', mailbox: %1$s@corp.example, upstream: {origin: '%s', user: relay, passwordFile: '%s'}}\n"
        .formatted(
            login,
            HASH,
            origin.as("localhost"),
            privately("upstream.password", UPSTREAM_SECRET + "\n"));
  }

  private MailTalk device(int listener, MailProtocol protocol) throws Exception {
    MailTalk device =
        MailTalk.tls(
            components.listeners().get(listener).address(),
            "device.example",
            TestAuthority.trusting(components.ca().anchor()),
            "TLSv1.2");
    assertThat(device.hear()).matches("220 .*|\\* OK .*|\\+OK .*");
    if (protocol == MailProtocol.SMTP) {
      device.askUntil("EHLO printer", "250 ");
    }
    return device;
  }

  private static String signIn(MailTalk device, MailProtocol protocol, String login)
      throws Exception {
    String plain =
        Base64.getEncoder()
            .encodeToString(("\0" + login + "\0" + PASSWORD).getBytes(StandardCharsets.UTF_8));
    return device.ask(
        (protocol == MailProtocol.IMAP ? "t AUTHENTICATE" : "AUTH") + " PLAIN " + plain);
  }

  private MailTalk signedIn(MailProtocol protocol, String login) throws Exception {
    MailTalk device = device(0, protocol);
    assertThat(signIn(device, protocol, login)).matches("235 .*|t OK .*|\\+OK .*");
    assertThat(device.ask("NOOP")).isEqualTo("heard NOOP");
    return device;
  }

  private void awaitRevoked(int count) {
    await()
        .atMost(TIMEOUT)
        .untilAsserted(
            () ->
                assertThat(AdminPage.read(components.adminAddress(), "/metrics").body().lines())
                    .anyMatch(
                        line ->
                            line.startsWith("tlsuplift_sessions_total{")
                                && line.contains("reason=\"access_revoked\"")
                                && line.endsWith("} " + count + ".0")));
  }

  @ParameterizedTest
  @EnumSource(MailProtocol.class)
  void theSessionsOfARemovedAccountEndWhenItsFileChanges(MailProtocol protocol) throws Exception {
    try (XoauthOrigin origin = origin(protocol, "localhost")) {
      origin.mechanisms = List.of("PLAIN");
      origin.passwords.put("relay", UPSTREAM_SECRET);
      String one = account("one", origin);
      String two = account("two", origin);
      Path file = privately("accounts.yaml", "accounts:\n" + one + two);
      start(yaml(ANYWHERE, listener(origin, "localhost"), "{accountsFile: '" + file + "'}"));
      try (MailTalk removed = signedIn(protocol, "one");
          MailTalk stays = signedIn(protocol, "two")) {
        privately("accounts.yaml", "accounts:\n" + two);

        removed.timeout((int) TIMEOUT.toMillis());
        assertThat(removed.atEnd()).isTrue();
        assertThat(stays.ask("NOOP")).isEqualTo("heard NOOP");
        awaitRevoked(1);
        try (MailTalk again = device(0, protocol)) {
          assertThat(signIn(again, protocol, "one")).matches("535 .*|t NO .*|-ERR .*");
        }

        privately("accounts.yaml", "accounts: []\n");
        stays.timeout((int) TIMEOUT.toMillis());
        assertThat(stays.atEnd()).isTrue();
        awaitRevoked(2);
      }
    }
  }

  @Test
  void aReloadEndsTheSessionsOfARemovedAccountAndOfARemovedNetworkOnly() throws Exception {
    try (XoauthOrigin origin = origin(MailProtocol.SMTP, "localhost")) {
      origin.mechanisms = List.of("PLAIN");
      origin.passwords.put("relay", UPSTREAM_SECRET);
      String listeners = listener(origin, "localhost");
      String one = account("one", origin);
      String two = account("two", origin);
      start(yaml(ANYWHERE, listeners, "\n  accounts:\n" + one + two));
      try (MailTalk removed = signedIn(MailProtocol.SMTP, "one");
          MailTalk stays = signedIn(MailProtocol.SMTP, "two")) {
        reload(yaml("[127.0.0.0/8, 10.0.0.0/8]", listeners, "\n  accounts:\n" + two));
        assertThat(removed.atEnd()).isTrue();
        assertThat(stays.ask("NOOP")).isEqualTo("heard NOOP");
        awaitRevoked(1);

        reload(yaml("[10.0.0.0/8]", listeners, "\n  accounts:\n" + two));
        assertThat(stays.atEnd()).isTrue();
        awaitRevoked(2);
      }
      reload(yaml(ANYWHERE, listeners, "\n  accounts:\n" + two));
      try (MailTalk last = signedIn(MailProtocol.SMTP, "two")) {
        reload(yaml(ANYWHERE, listeners.replace(", signIn: true", ""), "\n  accounts:\n" + two));
        assertThat(last.atEnd()).as("without sign-in there are no accounts").isTrue();
        awaitRevoked(3);
      }
    }
  }

  @Test
  void sendsATokenToTheHostsOfItsTenantOnly() throws Exception {
    try (IdentityPlatform platform = IdentityPlatform.start();
        XoauthOrigin own = origin(MailProtocol.SMTP, "localhost");
        XoauthOrigin other = origin(MailProtocol.SMTP, "127.0.0.1")) {
      trust =
          new String(
              CaExport.encode(platform.certificate(), CaExport.Format.PEM),
              StandardCharsets.US_ASCII);
      AppRegistration application = platform.register();
      String signIn =
          """
          {tenant: '%s', applicationId: %s, authority: '%s', clientSecretFile: '%s', origins: [localhost],
            accounts: [{login: token, passwordHash: '%s', mailbox: token@corp.example},
              {devices: [10.0.0.0/8], mailbox: b@corp.example, upstream: {origin: '%s', passwordFile: '%s'}}]}"""
              .formatted(
                  platform.tenant(),
                  application.id(),
                  platform.url(),
                  privately("client.secret", application.newSecret() + "\n"),
                  HASH,
                  other.as("127.0.0.1"),
                  privately("upstream.password", UPSTREAM_SECRET + "\n"));
      start(yaml(ANYWHERE, listener(own, "localhost") + listener(other, "127.0.0.1"), signIn));
      try (MailTalk right = device(0, MailProtocol.SMTP);
          MailTalk wrong = device(1, MailProtocol.SMTP)) {
        assertThat(signIn(right, MailProtocol.SMTP, "token")).startsWith("535 5.7.8 ");
        assertThat(own.heard).as("it got the token").anyMatch(line -> line.contains("XOAUTH2"));

        assertThat(signIn(wrong, MailProtocol.SMTP, "token")).startsWith("535 5.7.8 ");
        assertThat(other.connections).hasValue(0);
      }
      yaml = yaml.replace(", origins: [localhost]", "");
      assertThat(reloader.reload("test").problems())
          .singleElement()
          .asString()
          .contains("listeners[0].origin: got '" + own.as("localhost") + "'; expected a host that")
          .endsWith("add the host to 'signIn.origins'");
    }
  }
}
