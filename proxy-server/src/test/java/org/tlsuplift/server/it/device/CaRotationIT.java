package org.tlsuplift.server.it.device;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.security.KeyStore;
import java.security.cert.Certificate;
import java.security.cert.CertificateFactory;
import java.time.Duration;
import java.time.LocalDate;
import java.time.ZoneId;
import java.util.ArrayList;
import java.util.List;
import java.util.regex.Pattern;
import javax.net.ssl.SSLContext;
import javax.net.ssl.SSLSocket;
import javax.net.ssl.TrustManagerFactory;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import org.tlsuplift.server.it.device.Device.Way;
import org.tlsuplift.server.it.lab.CommandLineRun;
import org.tlsuplift.server.it.lab.Daemon;
import org.tlsuplift.server.it.lab.Lab;
import org.tlsuplift.server.it.lab.Loopback;
import org.tlsuplift.server.it.lab.Machine;
import org.tlsuplift.server.it.lab.Peers;
import org.tlsuplift.server.it.lab.Run;
import org.tlsuplift.server.it.lab.TestCa;
import org.tlsuplift.server.it.peer.Nginx;
import org.tlsuplift.server.it.peer.Site;

/**
 * A running daemon signs with another CA when an operator activates it, and at no other moment:
 * seen by devices that trust only the one or the other.
 */
class CaRotationIT {
  @RegisterExtension static final Lab lab = new Lab();

  private static final OpensslDevice OPENSSL = new OpensslDevice("-tls1", "AES128-SHA");
  private static final Pattern REUSED = Pattern.compile("(?m)^Reused, ");

  private static TestCa ca;
  private static Site origin;

  /** The one that runs over the data directory of the first. */
  private static Daemon daemon;

  /** The CA that signs when a test begins. */
  private Path first;

  @BeforeAll
  static void start() {
    ca = new TestCa(lab);
    origin = Site.tls12(Loopback.V4, ca.issue("localhost"));
    Nginx.start(lab, origin);
    daemon = Daemon.start(lab, yaml());
  }

  @BeforeEach
  void keepFirst() throws IOException {
    first = keep(daemon.authority());
  }

  /** Nothing is staged and no key is kept when the next test begins. */
  @AfterEach
  void endRotation() {
    Path directory = daemon.authority().getParent();
    if (Files.exists(directory.resolve("staged"))) {
      command("undo");
    }
    if (Files.exists(directory.resolve("previous"))) {
      command("retire");
    }
  }

  private static String yaml() {
    return """
        listeners:
          - {name: fixed, bind: "127.0.0.1:0", accept: fixed, origin: "%1$s", profile: legacy, whenModern: bridge}
          - {name: weak, bind: "127.0.0.1:0", accept: fixed, origin: "%1$s", profile: antique, devices: [127.0.0.0/8], until: %3$s, whenModern: bridge,
             certificate: {keyAlgorithm: RSA-1024, signature: SHA1, extensions: minimal}}
        routes:
          - {to: ["%1$s"], action: bridge}
        upstream: {trust: "%2$s"}
        admin: {bind: "127.0.0.1:0", tls: auto}
        inventory: {flushInterval: 200ms}
        """
        .formatted(origin.byName(), ca.file(), LocalDate.now(ZoneId.systemDefault()).plusDays(30));
  }

  /** A copy: the file in its place changes. */
  private static Path keep(Path certificate) throws IOException {
    return Files.copy(certificate, lab.directory("trusted").resolve("ca.pem"));
  }

  private static Run command(String... arguments) {
    List<String> all = new ArrayList<>(List.of("ca"));
    all.addAll(List.of(arguments));
    all.addAll(List.of("--config", Daemon.config(daemon.folder()).toString()));
    return CommandLineRun.of(all.toArray(String[]::new)).succeeded();
  }

  private static Path stage(String... options) throws IOException {
    List<String> all = new ArrayList<>(List.of("stage"));
    all.addAll(List.of(options));
    command(all.toArray(String[]::new));
    Path directory =
        options.length == 0 ? daemon.authority().getParent() : daemon.authority("weak").getParent();
    return keep(directory.resolve("staged/ca.crt.pem"));
  }

  private static void switches(String... arguments) {
    int mark = daemon.mark();
    command(arguments);
    daemon.awaitOutput(mark, "another CA signs for ");
  }

  private static void restart() {
    daemon.terminate();
    assertThat(daemon.awaitExit(Duration.ofSeconds(20))).isZero();
    daemon = Daemon.start(lab, Machine.HERE, daemon.folder(), yaml());
  }

  private static void serves(String listener, Path trusted, Path refused) {
    Run served = attempt(listener, trusted);
    assertThat(served.succeeded().output()).contains(origin.answer("localhost"));
    Run broken = attempt(listener, refused);
    assertThat(broken.exit()).as(broken.toString()).isNotZero();
    assertThat(broken.output()).doesNotContain(origin.answer("localhost"));
  }

  private static Run attempt(String listener, Path trusted, String... options) {
    return OPENSSL.attempt(Way.fixed(daemon, listener, origin.byName()).trusting(trusted), options);
  }

  @Test
  void onlyActivateAndUndoSwitch() throws Exception {
    Path next = stage();
    serves("fixed", first, next);
    restart();
    serves("fixed", first, next);

    switches("activate");
    serves("fixed", next, first);
    await()
        .atMost(Duration.ofSeconds(15))
        .untilAsserted(
            () -> assertThat(command("show").output()).contains("refused by   1 device since"));
    restart();
    serves("fixed", next, first);

    switches("undo");
    serves("fixed", first, next);
    restart();
    serves("fixed", first, next);

    switches("activate");
    serves("fixed", next, first);
    command("retire");
    restart();
    serves("fixed", next, first);
  }

  @Test
  void aDaemonThatIsStoppedUsesTheActivatedCaAtItsNextStart() throws Exception {
    Path next = stage();
    daemon.terminate();
    assertThat(daemon.awaitExit(Duration.ofSeconds(20))).isZero();
    command("activate");
    daemon = Daemon.start(lab, Machine.HERE, daemon.folder(), yaml());
    serves("fixed", next, first);
  }

  @Test
  void openSessionContinues() throws Exception {
    stage();
    try (SSLSocket device = handshake()) {
      switches("activate");
      device.getOutputStream().write("GET / HTTP/1.0\r\n\r\n".getBytes(StandardCharsets.US_ASCII));
      assertThat(new String(device.getInputStream().readAllBytes(), StandardCharsets.UTF_8))
          .contains(origin.answer("localhost"));
    }
  }

  private SSLSocket handshake() throws Exception {
    KeyStore trusted = KeyStore.getInstance(KeyStore.getDefaultType());
    trusted.load(null, null);
    try (InputStream pem = Files.newInputStream(first)) {
      Certificate certificate = CertificateFactory.getInstance("X.509").generateCertificate(pem);
      trusted.setCertificateEntry("ca", certificate);
    }
    TrustManagerFactory factory =
        TrustManagerFactory.getInstance(TrustManagerFactory.getDefaultAlgorithm());
    factory.init(trusted);
    SSLContext context = SSLContext.getInstance("TLS");
    context.init(null, factory.getTrustManagers(), null);
    SSLSocket socket =
        (SSLSocket)
            context
                .getSocketFactory()
                .createSocket(Loopback.V4, daemon.listener("fixed").getPort());
    socket.startHandshake();
    return socket;
  }

  /** Else a device would go on without ever seeing the new certificate. */
  @ParameterizedTest
  @ValueSource(strings = {"-no_ticket", "-no_comp"})
  void aTlsSessionOfTheOldCaIsNotResumed(String option) throws Exception {
    String session = lab.directory("session").resolve("session.pem").toString();
    Path next = stage();
    attempt("fixed", first, option, "-sess_out", session).succeeded();
    Run resumed = attempt("fixed", first, option, "-sess_in", session).succeeded();
    assertThat(resumed.output()).containsPattern(REUSED);

    switches("activate");

    Run refused = attempt("fixed", first, option, "-sess_in", session);
    assertThat(refused.exit()).as(refused.toString()).isNotZero();
    assertThat(refused.output()).doesNotContainPattern(REUSED);
    Run full = attempt("fixed", next, option, "-sess_in", session).succeeded();
    assertThat(full.output()).doesNotContainPattern(REUSED).contains(origin.answer("localhost"));
  }

  @Test
  void theAdminPortFollows() throws Exception {
    Path next = stage();
    // It may still follow the switch of another test.
    await().atMost(Duration.ofSeconds(15)).untilAsserted(() -> assertThat(admin(first)).isZero());
    assertThat(admin(next)).isNotZero();
    switches("activate");
    await().atMost(Duration.ofSeconds(15)).until(() -> admin(next) == 0);
    assertThat(admin(first)).isNotZero();
  }

  private static int admin(Path trusted) {
    return Run.of(
            List.of(
                Peers.require("curl"),
                "-sS",
                "--cacert",
                trusted.toString(),
                "https://" + Loopback.text(daemon.admin()) + "/healthz"))
        .exit();
  }

  @Test
  void theCaOfAListenerSwitchesAlone() throws Exception {
    Path own = keep(daemon.authority("weak"));
    Path next = stage("--listener", "weak");
    serves("weak", own, next);

    switches("activate", "--listener", "weak");

    serves("weak", next, own);
    serves("fixed", first, next);
    switches("undo", "--listener", "weak");
    serves("weak", own, next);
  }

  /** Whose files come one by one, as by rsync. */
  @Test
  void aSecondMachineSwitchesWhenTheDirectoryIsCopied() throws Exception {
    Path theirs = lab.directory("theirs");
    try (Daemon other = Daemon.start(lab, yaml())) {
      Run.of(List.of("cp", "-a", other.authority().getParent() + "/.", theirs.toString()))
          .succeeded();
    }
    Path here = daemon.authority().getParent();
    int mark = daemon.mark();
    Files.delete(here.resolve("ca.key.pem"));
    for (String file : new String[] {"ca.crt.pem", "ca.key.pem"}) {
      Files.copy(
          theirs.resolve(file),
          here.resolve(file),
          StandardCopyOption.REPLACE_EXISTING,
          StandardCopyOption.COPY_ATTRIBUTES);
    }
    daemon.awaitOutput(mark, "another CA signs for all listeners");
    serves("fixed", keep(theirs.resolve("ca.crt.pem")), first);
  }
}
