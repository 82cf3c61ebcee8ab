package org.tlsuplift.server.daemon;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import javax.net.ssl.SSLSocket;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.tlsuplift.proxy.accept.Listener;
import org.tlsuplift.proxy.testing.Device;
import org.tlsuplift.proxy.testing.Origin;
import org.tlsuplift.proxy.testing.TestAuthority;
import org.tlsuplift.server.authority.CaExport;
import org.tlsuplift.server.config.ConfigLoader;

/** The configuration of a running daemon is replaced. */
class ReloaderTest {
  private static final TestAuthority ORIGINS = TestAuthority.create();
  private static final Origin.Script ECHO =
      socket -> {
        for (String line = Device.readLine(socket.getInputStream());
            !line.isEmpty();
            line = Device.readLine(socket.getInputStream())) {
          socket.getOutputStream().write((line + "\n").getBytes(StandardCharsets.US_ASCII));
        }
      };

  private static final String WEB =
      "  - {name: web, bind: \"127.0.0.1:0\", accept: http-connect, profile: legacy}\n";
  private static final String SCAN =
      "  - {name: scan, bind: \"127.0.0.1:0\", accept: http-connect, profile: legacy}\n";
  private static final String ADMIN = "admin: {bind: \"127.0.0.1:0\"}\n";

  @TempDir Path directory;
  private final Origin origin = Origin.start(ORIGINS.serving("localhost"), ECHO, "TLSv1.2");
  private String yaml = "";
  private Components components;
  private Reloader reloader;

  @BeforeEach
  void start() throws Exception {
    Files.write(
        directory.resolve("roots.pem"),
        CaExport.encode(ORIGINS.certificate(), CaExport.Format.PEM));
    configure(WEB, ADMIN);
    components = Components.start(ConfigLoader.parse(yaml, "test"), line -> {});
    reloader = new Reloader(components, () -> ConfigLoader.parse(yaml, "test"));
  }

  @AfterEach
  void stop() {
    components.close();
    origin.close();
  }

  private void configure(String listeners, String... more) {
    yaml =
        """
        dataDirectory: '%1$s/data'
        routes:
          - {to: ["localhost:1024-65535"], action: bridge, whenModern: bridge}
        certificateAuthority: {keyAlgorithm: EC-P256}
        upstream: {trust: '%1$s/roots.pem'}
        listeners:
        """
                .formatted(directory)
            + listeners
            + String.join("\n", more)
            + "\n";
  }

  private ReloadResult reload(String listeners, String... more) {
    configure(listeners, more);
    return reloader.reload("test");
  }

  private InetSocketAddress port(String listener) {
    return components.listeners().stream()
        .filter(each -> each.spec().name().equals(listener))
        .map(Listener::address)
        .findFirst()
        .orElseThrow();
  }

  private SSLSocket device(String listener) throws Exception {
    return Device.through(
        port(listener),
        origin.as("localhost"),
        TestAuthority.trusting(components.ca().anchor()),
        "TLSv1.2");
  }

  private static void assertContinues(SSLSocket device) throws Exception {
    assertThat(Device.exchange(device, "scan")).isEqualTo("scan");
  }

  private void assertServes(String listener) throws Exception {
    try (SSLSocket device = device(listener)) {
      assertContinues(device);
    }
  }

  private String page(String path) throws Exception {
    return AdminPage.read(components.adminAddress(), path).body();
  }

  @Test
  void anAddedListenerServesAndOpenSessionsContinue() throws Exception {
    try (SSLSocket device = device("web")) {
      InetSocketAddress web = port("web");

      assertThat(reload(WEB + SCAN, ADMIN).changed()).containsExactly("listeners");

      assertServes("scan");
      assertContinues(device);
      assertThat(port("web")).isEqualTo(web);
      assertServes("web");
      assertThat(page("/metrics")).contains("tlsuplift_sessions_active{listener=\"scan\"}");
      assertThat(page("/")).contains("scan");
    }
  }

  @Test
  void aRemovedListenerLeavesTheMetricsWithItsLastSession() throws Exception {
    reload(WEB + SCAN, ADMIN);
    try (SSLSocket device = device("scan")) {
      assertThat(reload(WEB, ADMIN).problems()).isEmpty();

      assertContinues(device);
      assertThat(page("/metrics")).contains("tlsuplift_sessions_active{listener=\"scan\"} 1");
    }
    await().until(() -> !page("/metrics").contains("listener=\"scan\""));
    assertThat(page("/metrics")).contains("tlsuplift_sessions_active{listener=\"web\"}");
  }

  @Test
  void reportsAllProblemsAndChangesNothing() throws Exception {
    ReloadResult result =
        reload(WEB + SCAN.replace("legacy", "newest"), ADMIN, "limits: {maxSessions: none}");

    assertThat(result.isApplied()).isFalse();
    assertThat(result.problems())
        .hasSize(2)
        .anySatisfy(line -> assertThat(line).contains("listeners[1].profile: got 'newest'"))
        .anySatisfy(line -> assertThat(line).contains("limits.maxSessions: got 'none'"));
    assertThat(components.listeners()).hasSize(1);
    assertServes("web");
  }

  @Test
  void namesTheKeysThatNeedARestart() throws Exception {
    ReloadResult result =
        reload(
            WEB + SCAN.replace("legacy}", "antique, devices: [127.0.0.1/32], until: 2099-01-01}"),
            ADMIN,
            "transport: nio",
            "inventory: {enabled: false}");

    assertThat(result.problems())
        .anySatisfy(line -> assertThat(line).contains("transport: the running daemon has"))
        .anySatisfy(line -> assertThat(line).contains("inventory.enabled: the running daemon has"))
        .anySatisfy(line -> assertThat(line).contains("started without an antique listener"))
        .hasSize(3);
    assertServes("web");
  }

  @Test
  void aPortInUseChangesNothing() throws Exception {
    Path log = directory.resolve("access.log");
    try (ServerSocket taken = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
      ReloadResult result =
          reload(
              SCAN.replace("127.0.0.1:0", "127.0.0.1:" + taken.getLocalPort()),
              ADMIN,
              "accessLog: {file: '" + log + "'}");

      assertThat(result.problems())
          .singleElement()
          .satisfies(line -> assertThat(line).contains("listener 'scan'").contains("in use"));
    }
    assertServes("web");
    assertThat(page("/metrics")).doesNotContain("listener=\"scan\"");
    assertThat(page("/metrics")).doesNotContain("tlsuplift_access_log_dropped");
    assertThat(reload(SCAN, ADMIN).problems()).isEmpty();
    assertServes("scan");
  }

  @Test
  void theAdminPortGetsUsersAndMoves() throws Exception {
    InetSocketAddress before = components.adminAddress();

    reload(
        WEB,
        "admin: {bind: \"127.0.0.1:0\", users: [{name: ops, passwordHash: "
            + "\"$2y$05$tNeuv19wfXaX5yfYn6Bwpe46gl60liCbax8FYfJeuCqGyclTWS.8.\"}]}");

    assertThat(components.adminAddress()).isEqualTo(before);
    assertThat(AdminPage.read(before, "/metrics").status()).isEqualTo(401);
    assertThat(reload(WEB, "admin: {bind: \"127.0.0.2:0\"}").problems()).isEmpty();
    assertThat(components.adminAddress().getHostString()).isEqualTo("127.0.0.2");
    assertThat(AdminPage.read(components.adminAddress(), "/readyz").status()).isEqualTo(200);
  }

  @Test
  void sessionsOfAnEarlierConfigurationAreInTheCurrentAccessLog() throws Exception {
    Path one = directory.resolve("one.log");
    Path other = directory.resolve("other.log");
    assertThat(reload(WEB, ADMIN, "accessLog: {file: '" + one + "'}").problems()).isEmpty();
    assertServes("web");
    await().until(() -> Files.readString(one).lines().count() == 1);
    try (SSLSocket device = device("web")) {
      assertThat(reload(WEB, ADMIN, "accessLog: {file: '" + other + "'}").problems()).isEmpty();
      assertContinues(device);
    }
    await().until(() -> Files.readString(other).lines().count() == 1);
    assertThat(Files.readString(other)).contains("\"web\"").contains("http-connect");
    assertThat(Files.readString(one)).hasLineCount(1);
  }

  private String signIn(String... logins) throws Exception {
    Path password = directory.resolve("password");
    Files.writeString(password, "secret\n");
    Files.setPosixFilePermissions(password, PosixFilePermissions.fromString("rw-------"));
    StringBuilder yaml = new StringBuilder("signIn:\n  accounts:\n");
    for (String login : logins) {
      yaml.append(
          """
              - login: %1$s
                passwordHash: $2y$05$tNeuv19wfXaX5yfYn6Bwpe46gl60liCbax8FYfJeuCqGyclTWS.8.
                mailbox: %1$s@contoso.example
                upstream: {origin: "localhost:2525", user: %1$s, passwordFile: '%2$s'}
          """
              .formatted(login, password));
    }
    return yaml.toString();
  }

  @Test
  void signInIsAddedChangedAndRemoved() throws Exception {
    String mail =
        "  - {name: mail, bind: \"127.0.0.1:0\", accept: fixed, origin: \"localhost:2525\","
            + " protocol: smtp, profile: legacy, signIn: true}\n";
    assertThat(page("/metrics")).doesNotContain("tlsuplift_accounts ");

    assertThat(reload(WEB + mail, ADMIN, signIn("fax")).problems()).isEmpty();
    assertThat(page("/metrics"))
        .contains("tlsuplift_accounts 1")
        .contains("tlsuplift_sign_ins_total{listener=\"mail\"");

    assertThat(reload(WEB + mail, ADMIN, signIn("fax", "scanner")).changed())
        .containsExactly("signIn.accounts");
    assertThat(page("/metrics")).contains("tlsuplift_accounts 2");

    assertThat(reload(WEB, ADMIN).problems()).isEmpty();
    assertThat(page("/metrics")).doesNotContain("tlsuplift_accounts ");
    assertServes("web");
  }

  @Test
  void aFileThatTheConfigurationNamesIsReadAgain() throws Exception {
    TestAuthority others = TestAuthority.create();
    try (Origin other = Origin.start(others.serving("localhost"), ECHO, "TLSv1.2")) {
      Files.write(
          directory.resolve("roots.pem"),
          CaExport.encode(others.certificate(), CaExport.Format.PEM));

      ReloadResult result = reload(WEB, ADMIN);

      assertThat(result.isApplied()).isTrue();
      assertThat(result.changed()).isEmpty();
      try (SSLSocket device =
          Device.through(
              port("web"),
              other.as("localhost"),
              TestAuthority.trusting(components.ca().anchor()),
              "TLSv1.2")) {
        assertContinues(device);
      }
    }
  }

  @Test
  void manyReloadsLeakNoThreads() throws Exception {
    reload(WEB + SCAN, ADMIN);
    reload(WEB, ADMIN);
    long before = threads();
    try (SSLSocket device = device("web")) {
      for (int i = 0; i < 10; i++) {
        assertThat(reload(WEB + SCAN, ADMIN, "limits: {maxSessions: " + (100 + i) + "}").problems())
            .isEmpty();
        assertThat(reload(WEB, ADMIN).problems()).isEmpty();
      }
      assertContinues(device);
    }
    await().until(() -> threads() <= before);
  }

  /** Threads that sign leaves end when they had no work for some time. */
  private static long threads() {
    return Thread.getAllStackTraces().keySet().stream()
        .filter(thread -> thread.getName().startsWith("uplift-"))
        .filter(thread -> !thread.getName().startsWith("uplift-mint"))
        .count();
  }
}
