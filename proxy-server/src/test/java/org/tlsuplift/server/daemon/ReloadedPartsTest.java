package org.tlsuplift.server.daemon;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import java.io.IOException;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.security.cert.X509Certificate;
import java.time.Duration;
import java.util.List;
import java.util.Locale;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import javax.net.ssl.SSLSocket;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.tlsuplift.proxy.accept.Listener;
import org.tlsuplift.proxy.testing.ClientAuthority;
import org.tlsuplift.proxy.testing.Device;
import org.tlsuplift.proxy.testing.Origin;
import org.tlsuplift.proxy.testing.TestAuthority;
import org.tlsuplift.server.authority.CaExport;
import org.tlsuplift.server.background.Schedule;
import org.tlsuplift.server.background.Schedules;
import org.tlsuplift.server.config.ConfigLoader;
import org.tlsuplift.server.testing.platform.AppRegistration;
import org.tlsuplift.server.testing.platform.IdentityPlatform;

/** Certificates, tenants and receivers that a reload gives to a running daemon. */
class ReloadedPartsTest {
  private static final TestAuthority ORIGINS = TestAuthority.create();
  private static final ClientAuthority CLIENTS = ClientAuthority.create();
  private static final Duration TIMEOUT = Duration.ofSeconds(60);
  private static final String ADMIN = "admin: {bind: \"127.0.0.1:0\"}";
  private static final String ROUTES =
      "routes: [{to: [\"localhost:1024-65535\"], action: bridge, whenModern: bridge}]";
  private static final String OLD =
      "  - {name: old, bind: \"127.0.0.1:0\", accept: http-connect, profile: legacy%s}\n";
  private static final Origin.Script WHO =
      socket -> {
        Device.readLine(socket.getInputStream());
        String who = socket.getSession().getPeerPrincipal().getName() + "\n";
        socket.getOutputStream().write(who.getBytes(StandardCharsets.US_ASCII));
      };

  private static final String ADMIN_TLS = "admin: {bind: \"127.0.0.1:0\", tls: auto}";

  @TempDir Path directory;
  private String yaml = "";
  private Components components;
  private Reloader reloader;

  @BeforeEach
  void prepare() throws Exception {
    Files.write(
        directory.resolve("roots.pem"),
        CaExport.encode(ORIGINS.certificate(), CaExport.Format.PEM));
    start(ADMIN);
  }

  private void start(String admin) throws Exception {
    configure(OLD.formatted(""), admin, ROUTES);
    components = Components.start(ConfigLoader.parse(yaml, "test"), line -> {});
    reloader = new Reloader(components, () -> ConfigLoader.parse(yaml, "test"));
  }

  @AfterEach
  void stop() {
    components.close();
  }

  private void configure(String listeners, String... more) {
    yaml =
        """
        dataDirectory: '%1$s/data'
        certificateAuthority: {keyAlgorithm: EC-P256}
        upstream: {trust: '%1$s/roots.pem'}
        listeners:
        """
                .formatted(directory)
            + listeners
            + String.join("\n", more)
            + "\n";
  }

  private void reload(String listeners, String... more) {
    configure(listeners, more);
    assertThat(reloader.reload("test").problems()).isEmpty();
  }

  private SSLSocket device(Origin origin, X509Certificate anchor) throws Exception {
    InetSocketAddress port =
        components.listeners().stream().map(Listener::address).findFirst().orElseThrow();
    return Device.through(port, origin.as("localhost"), TestAuthority.trusting(anchor), "TLSv1.2");
  }

  private String metrics() throws IOException {
    return AdminPage.read(components.adminAddress(), "/metrics").body();
  }

  private Path privately(String name, String text) throws IOException {
    Path file = Files.writeString(directory.resolve(name), text);
    return Files.setPosixFilePermissions(file, PosixFilePermissions.fromString("rw-------"));
  }

  @Test
  void theAdminPortLosesTlsAndGetsIt() throws Exception {
    components.close();
    // The CA signs only for names that it knew when it was created.
    Files.move(directory.resolve("data"), directory.resolve("before"));
    start(ADMIN_TLS);
    assertThat(AdminPage.readByTls(components.adminAddress(), "/readyz").status()).isEqualTo(200);

    reload(OLD.formatted(""), ADMIN, ROUTES);
    assertThat(AdminPage.read(components.adminAddress(), "/readyz").status()).isEqualTo(200);

    reload(OLD.formatted(""), ADMIN_TLS, ROUTES);
    InetSocketAddress port = components.adminAddress();
    assertThat(AdminPage.readByTls(port, "/readyz").status()).isEqualTo(200);
    try (Socket plain = Device.open(port)) {
      plain
          .getOutputStream()
          .write("GET /readyz HTTP/1.0\r\n\r\n".getBytes(StandardCharsets.US_ASCII));
      assertThat(new String(plain.getInputStream().readAllBytes(), StandardCharsets.US_ASCII))
          .doesNotContain("HTTP");
    }
  }

  private String withCertificate(String name) throws IOException {
    ClientAuthority.Issued issued = CLIENTS.issue("EC", name + ".example.test");
    Path certificate = privately(name + ".pem", issued.certificatePem());
    Path key = privately(name + ".key", issued.keyPem());
    return "routes: [{to: [\"localhost:1024-65535\"], action: bridge, clientCertificate: {certificate: '"
        + certificate
        + "', key: '"
        + key
        + "'}}]";
  }

  @Test
  void aRouteGetsAClientCertificateAndThenAnother() throws Exception {
    try (Origin origin =
        Origin.asking(
            true,
            CLIENTS.asking(
                ORIGINS.source().leafFor(List.of("localhost")).toCompletableFuture().join()),
            WHO,
            "TLSv1.2")) {
      for (String name : List.of("first", "second")) {
        reload(
            OLD.formatted(", mail: {allowedSenders: [scanner@contoso.example]}"),
            ADMIN,
            withCertificate(name));

        try (SSLSocket device = device(origin, components.ca().anchor())) {
          assertThat(Device.exchange(device, "who")).isEqualTo("CN=" + name + ".example.test");
        }
        assertThat(metrics())
            .containsOnlyOnce("tlsuplift_client_certificate_expiry_seconds{destination=");
      }
      reload(OLD.formatted(""), ADMIN, ROUTES);
      assertThat(metrics()).doesNotContain("tlsuplift_client_certificate_expiry_seconds{");
    }
  }

  private String tenant(IdentityPlatform platform, String name) throws IOException {
    AppRegistration application = platform.register();
    return "{name: %s, tenant: %s, applicationId: %s, authority: \"%s\", clientSecretFile: '%s'}"
        .formatted(
            name,
            platform.tenant(),
            application.id(),
            platform.url(),
            privately(name + ".secret", application.newSecret() + "\n"));
  }

  private static String account(String tenant) {
    return """
        {login: %1$s, tenant: %1$s, mailbox: %1$s@corp.example, \
        passwordHash: $2y$05$tNeuv19wfXaX5yfYn6Bwpe46gl60liCbax8FYfJeuCqGyclTWS.8.}"""
        .formatted(tenant);
  }

  private static String signIn(List<String> tenants, String... accounts) {
    return "signIn: {tenants: [%s], accounts: [%s]}"
        .formatted(String.join(", ", tenants), String.join(", ", accounts));
  }

  private void awaitTokens(String tenant) {
    await("a token of " + tenant)
        .atMost(TIMEOUT)
        .until(
            () ->
                metrics()
                    .lines()
                    .anyMatch(
                        line ->
                            line.startsWith("tlsuplift_tokens{")
                                && line.contains("tenant=\"" + tenant + "\"")
                                && line.contains("state=\"usable\"")
                                && line.endsWith("} 1.0")));
  }

  @Test
  void tenantsAreAddedAndRemoved() throws Exception {
    String mail =
        "  - {name: mail, bind: \"127.0.0.1:0\", accept: fixed, origin: \"localhost:2525\","
            + " protocol: smtp, profile: legacy, signIn: true}\n";
    String listeners = OLD.formatted("") + mail;
    try (IdentityPlatform platform = IdentityPlatform.start()) {
      Files.write(
          directory.resolve("roots.pem"),
          CaExport.encode(platform.certificate(), CaExport.Format.PEM));
      String first = tenant(platform, "contoso");
      String second = tenant(platform, "fabrikam");
      reload(listeners, ADMIN, ROUTES, signIn(List.of(first), account("contoso")));
      awaitTokens("contoso");

      reload(
          listeners,
          ADMIN,
          ROUTES,
          signIn(List.of(first, second), account("contoso"), account("fabrikam")));
      awaitTokens("fabrikam");
      awaitTokens("contoso");

      reload(listeners, ADMIN, ROUTES, signIn(List.of(second), account("fabrikam")));
      awaitTokens("fabrikam");
      assertThat(metrics().lines())
          .noneMatch(
              line -> line.startsWith("tlsuplift_tokens{") && line.contains("tenant=\"contoso\""));
    }
  }

  /** Receives requests of a webhook. */
  private static Origin receiver(BlockingQueue<String> bodies) {
    return Origin.start(
        ORIGINS.serving("localhost"),
        socket -> {
          int length = 0;
          for (String line = Device.readLine(socket.getInputStream());
              !line.isBlank();
              line = Device.readLine(socket.getInputStream())) {
            if (line.toLowerCase(Locale.ROOT).startsWith("content-length:")) {
              length = Integer.parseInt(line.substring(15).strip());
            }
          }
          bodies.add(
              new String(socket.getInputStream().readNBytes(length), StandardCharsets.UTF_8));
          socket
              .getOutputStream()
              .write(
                  "HTTP/1.1 204 No Content\r\nContent-Length: 0\r\n\r\n"
                      .getBytes(StandardCharsets.US_ASCII));
        },
        "TLSv1.2");
  }

  private String webhook(Origin receiver) throws IOException {
    return "notify: {webhook: {url: \"https://%s/hook\", secretFile: '%s'}}"
        .formatted(receiver.as("localhost"), privately("hook.secret", "a long enough secret\n"));
  }

  @Test
  void notificationsGoToTheReceiverOfTheCurrentConfiguration() throws Exception {
    BlockingQueue<String> before = new LinkedBlockingQueue<>();
    BlockingQueue<String> after = new LinkedBlockingQueue<>();
    try (Origin one = receiver(before);
        Origin other = receiver(after);
        Schedule often = Schedules.fast(100);
        Notifications notifications = Notifications.of(components.notifications(), often)) {
      notifications.begin();
      reload(OLD.formatted(""), ADMIN, ROUTES, webhook(one));
      reload(OLD.formatted(""), ADMIN, ROUTES, webhook(other));
      configure("  - nothing\n", ADMIN);

      assertThat(reloader.reload("test").isApplied()).isFalse();

      assertThat(after.poll(TIMEOUT.toSeconds(), TimeUnit.SECONDS))
          .contains("\"condition\":\"reload_refused\"", "\"event\":\"started\"");
      assertThat(before).isEmpty();
    }
  }
}
