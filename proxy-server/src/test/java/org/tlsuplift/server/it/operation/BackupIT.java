package org.tlsuplift.server.it.operation;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import java.io.IOException;
import java.io.InputStream;
import java.net.InetSocketAddress;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.security.cert.CertificateFactory;
import java.security.cert.X509Certificate;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import javax.net.ssl.SSLSocket;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.tlsuplift.proxy.model.HostPort;
import org.tlsuplift.proxy.testing.Device;
import org.tlsuplift.proxy.testing.TestAuthority;
import org.tlsuplift.server.database.DatabaseCopy;
import org.tlsuplift.server.it.lab.CommandLineRun;
import org.tlsuplift.server.it.lab.Daemon;
import org.tlsuplift.server.it.lab.Lab;
import org.tlsuplift.server.it.lab.Machine;
import org.tlsuplift.server.it.lab.Peers;
import org.tlsuplift.server.it.lab.Run;
import org.tlsuplift.server.it.lab.TestCa;
import org.tlsuplift.server.it.peer.Conversations;
import org.tlsuplift.server.it.peer.JsseOrigin;

/** Backups of a busy daemon, and backups that GnuPG opens. */
class BackupIT {
  @RegisterExtension static final Lab lab = new Lab();

  private static final int SESSIONS = 60;
  private static final String PASSPHRASE = "correct horse battery staple";

  private static Path passphrase;
  private static Daemon daemon;
  private static JsseOrigin echo;
  private static String yaml;

  private final AtomicBoolean over = new AtomicBoolean();
  private final AtomicInteger come = new AtomicInteger();

  @BeforeAll
  static void start() throws IOException {
    passphrase = Lab.privately(lab.file("passphrase", PASSPHRASE + "\n"));
    TestCa ca = new TestCa(lab);
    echo = JsseOrigin.start(lab, ca.issue("localhost"), Conversations::echo);
    yaml =
        """
        listeners:
          - {name: web, bind: "127.0.0.1:0", accept: http-connect, profile: legacy}
        routes:
          - {to: ["localhost:1024-65535"], action: bridge, whenModern: bridge}
        upstream: {trust: "%s"}
        limits: {maxSessionsPerDevice: 1000, handshakesPerSecond: 1000, handshakeBurst: 1000}
        inventory: {flushInterval: 100ms}
        """
            .formatted(ca.file());
    daemon = Daemon.start(lab, yaml);
  }

  /** The command in a process of its own. */
  private static Run process(String... arguments) {
    return Run.of(Daemon.jar(arguments));
  }

  private static String[] backup(Path file, String... options) {
    List<String> arguments =
        new ArrayList<>(
            List.of(
                "backup", file.toString(), "--config", Daemon.config(daemon.folder()).toString()));
    arguments.addAll(Arrays.asList(options));
    return arguments.toArray(String[]::new);
  }

  private static SSLSocket device() throws Exception {
    try (InputStream pem = Files.newInputStream(daemon.authority())) {
      X509Certificate root =
          (X509Certificate) CertificateFactory.getInstance("X.509").generateCertificate(pem);
      InetSocketAddress proxy = daemon.listener("web");
      return Device.through(
          proxy,
          new HostPort("localhost", echo.address().getPort()),
          TestAuthority.trusting(root),
          "TLSv1.2");
    }
  }

  private static void assertEchoes(SSLSocket device, String text) throws IOException {
    device.getOutputStream().write((text + "\n").getBytes(StandardCharsets.US_ASCII));
    assertThat(Device.readLine(device.getInputStream())).isEqualTo(text);
  }

  /** Devices that come and go, so that the inventory is written all the time. */
  private void comeAndGo() throws Exception {
    while (!over.get()) {
      try (SSLSocket device = device()) {
        assertEchoes(device, "visit");
      }
      come.incrementAndGet();
    }
  }

  @Test
  void aBackupDuringManySessionsIsConsistent() throws Exception {
    List<SSLSocket> sessions = new ArrayList<>();
    for (int i = 0; i < SESSIONS; i++) {
      sessions.add(lab.add(device()));
    }
    ExecutorService devices = Executors.newFixedThreadPool(2);
    lab.add(devices::shutdownNow);
    List<Future<?>> coming = new ArrayList<>();
    for (int i = 0; i < 2; i++) {
      coming.add(
          devices.submit(
              () -> {
                comeAndGo();
                return null;
              }));
    }
    await().atMost(Duration.ofSeconds(20)).until(() -> come.get() > 5);
    int before = come.get();
    Path backup = daemon.folder().resolve("busy.pgp");

    process(backup(backup, "--passphrase-file", passphrase.toString())).succeeded();

    assertThat(come.get()).as("devices are served meanwhile").isGreaterThan(before);
    over.set(true);
    for (Future<?> each : coming) {
      each.get();
    }
    for (SSLSocket session : sessions) {
      assertEchoes(session, "still here");
    }
    Path moved = lab.directory("moved");
    process(
            "restore",
            backup.toString(),
            "--data-directory",
            Daemon.data(moved).toString(),
            "--passphrase-file",
            passphrase.toString())
        .succeeded();
    assertThat(DatabaseCopy.isIntact(Daemon.data(moved).resolve("inventory.db"))).isTrue();
    Daemon next = Daemon.start(lab, Machine.HERE, moved, yaml);
    assertThat(next.authority()).hasSameBinaryContentAs(daemon.authority());
    assertThat(
            CommandLineRun.of("devices", "--config", Daemon.config(moved).toString())
                .succeeded()
                .output())
        .contains("127.0.0.1");
  }

  @Test
  void gnupgOpensABackupByThePassphrase() throws Exception {
    Path backup = daemon.folder().resolve("passphrase.pgp");
    CommandLineRun.of(backup(backup, "--passphrase-file", passphrase.toString())).succeeded();
    Path zip = daemon.folder().resolve("passphrase.zip");

    gpg(lab.directory("gpg"), "--decrypt", "--output", zip.toString(), backup.toString());

    assertThat(listed(zip)).contains("MANIFEST", "data/ca/ca.key.pem", "data/inventory.db");
  }

  @Test
  void gnupgAndThisProgramOpenABackupByAPrivateKey() throws Exception {
    Path home = lab.directory("gpg");
    gpg(home, "--quick-generate-key", "backup@corp.example", "default", "default", "1y");
    Path publicKey = home.resolve("public.asc");
    gpg(home, "--output", publicKey.toString(), "--armor", "--export", "backup@corp.example");
    Path secretKey = home.resolve("secret.key");
    gpg(home, "--output", secretKey.toString(), "--export-secret-keys", "backup@corp.example");
    Path backup = daemon.folder().resolve("key.pgp");

    String output =
        CommandLineRun.of(backup(backup, "--public-key", publicKey.toString()))
            .succeeded()
            .output();
    assertThat(output).contains("encrypted for backup@corp.example");
    Matcher signer = Pattern.compile("signed by ([0-9A-F]{40});").matcher(output);
    assertThat(signer.find()).as(output).isTrue();

    Path zip = daemon.folder().resolve("key.zip");
    gpg(home, "--decrypt", "--output", zip.toString(), backup.toString());
    assertThat(listed(zip)).contains("data/ca/ca.key.pem");
    Path open = lab.directory("open");
    Run.of(
            List.of(
                Peers.require("python3"), "-m", "zipfile", "-e", zip.toString(), open.toString()))
        .succeeded();
    gpg(home, "--import", open.resolve("SIGNER.pgp").toString());
    gpg(
        home,
        "--verify",
        open.resolve("MANIFEST.sig").toString(),
        open.resolve("MANIFEST").toString());
    CommandLineRun.of(
            "restore",
            backup.toString(),
            "--data-directory",
            Daemon.data(lab.directory("moved")).toString(),
            "--signed-by",
            signer.group(1),
            "--secret-key",
            secretKey.toString(),
            "--passphrase-file",
            passphrase.toString())
        .succeeded();
    assertThat(
            CommandLineRun.of(
                    "restore",
                    backup.toString(),
                    "--list",
                    "--secret-key",
                    secretKey.toString(),
                    "--passphrase-file",
                    passphrase.toString())
                .succeeded()
                .output())
        .contains("data/ca/ca.key.pem");
  }

  private static void gpg(Path home, String... arguments) throws IOException {
    Files.setPosixFilePermissions(home, PosixFilePermissions.fromString("rwx------"));
    // Without it, gpg's agent would outlive the test.
    String gpgconf = Peers.require("gpgconf");
    List<String> command =
        new ArrayList<>(
            List.of(
                Peers.require("gpg"),
                "--batch",
                "--pinentry-mode",
                "loopback",
                "--passphrase-file",
                passphrase.toString()));
    command.addAll(Arrays.asList(arguments));
    Map<String, String> environment = Map.of("GNUPGHOME", home.toString());
    try {
      Run.of(command, environment, "").succeeded();
    } finally {
      var unused = Run.of(List.of(gpgconf, "--kill", "all"), environment, "").exit();
    }
  }

  private static String listed(Path zip) {
    return Run.of(List.of(Peers.require("python3"), "-m", "zipfile", "-l", zip.toString()))
        .succeeded()
        .output();
  }
}
