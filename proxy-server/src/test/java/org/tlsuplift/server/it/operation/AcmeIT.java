package org.tlsuplift.server.it.operation;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.List;
import java.util.regex.Pattern;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.tlsuplift.server.it.lab.Daemon;
import org.tlsuplift.server.it.lab.Lab;
import org.tlsuplift.server.it.lab.Loopback;
import org.tlsuplift.server.it.lab.Machine;
import org.tlsuplift.server.it.lab.Peers;
import org.tlsuplift.server.it.lab.Run;
import org.tlsuplift.server.it.lab.TestCa;
import org.tlsuplift.server.it.peer.Conversations;
import org.tlsuplift.server.it.peer.JsseOrigin;
import org.tlsuplift.server.it.peer.Pebble;
import org.tlsuplift.server.manual.CodeBlock;
import org.tlsuplift.server.testing.GeneratedPage;

/**
 * The commands of the page 'own-certificate' get and renew a certificate by ACME, and a device with
 * TLS 1.0 sees it. Only paths, ports and the owner of files differ from the page; 'systemctl' does
 * what the unit does.
 */
class AcmeIT {
  @RegisterExtension static final Lab lab = new Lab();

  private static final String NAME = "uplift.corp.example";
  private static final Pattern SERIAL = Pattern.compile("serial=(\\w+)");

  private static List<CodeBlock> blocks;
  private static Pebble pebble;
  private static Path root;
  private static JsseOrigin origin;
  private static Path trusted;
  private static Path etc;
  private static Path bin;
  private static Path settings;

  @BeforeAll
  static void start() throws IOException {
    Peers.require("openssl");
    blocks = CodeBlock.in(GeneratedPage.MANUAL.resolve("own-certificate.md"));
    pebble = Pebble.start(lab);
    root = pebble.root();
    TestCa origins = new TestCa(lab);
    trusted = origins.file();
    origin = JsseOrigin.start(lab, origins.issue("localhost"), Conversations::agreement);
    etc = lab.directory("etc");
    bin = lab.directory("bin");
    settings = lab.directory("settings");
    executable("tls-uplift", "exec " + String.join(" ", Daemon.jar(new String[0])) + " \"$@\"\n");
    executable(
        "systemctl",
        """
        [ "$*" = 'try-reload-or-restart tls-uplift' ] || exit 1
        [ -e '%1$s/data/reload.sock' ] || exit 0
        exec tls-uplift reload --config '%1$s/tls-uplift.yaml'
        """
            .formatted(etc));
    Path hook = Files.writeString(bin.resolve("tls-uplift-certificate"), page("#!/bin/sh"));
    Files.setPosixFilePermissions(hook, PosixFilePermissions.fromString("rwxr-xr-x"));
  }

  private static void executable(String name, String script) throws IOException {
    Path file = Files.writeString(bin.resolve(name), "#!/bin/sh\n" + script);
    Files.setPosixFilePermissions(file, PosixFilePermissions.fromString("rwx------"));
  }

  /** The block of the page that begins so, for the directories of this test. */
  private static String page(String start) {
    String user = System.getProperty("user.name");
    return blocks.stream()
        .map(CodeBlock::code)
        .filter(code -> code.startsWith(start))
        .findFirst()
        .orElseThrow()
        .replace("/etc/tls-uplift", etc.toString())
        .replace("/etc/lego", settings.resolve("lego").toString())
        .replace("/usr/local/sbin", bin.toString())
        .replace("-o tls-uplift -g tls-uplift", "-o " + user);
  }

  private static Run run(String commands) {
    ProcessBuilder shell = new ProcessBuilder("sh", "-eu", "-c", commands);
    shell.directory(settings.toFile());
    shell.environment().put("PATH", bin + ":" + System.getenv("PATH"));
    shell.environment().put("XDG_CONFIG_HOME", settings.toString());
    shell.environment().put("REQUESTS_CA_BUNDLE", pebble.trusted().toString());
    shell.environment().put("LEGO_CA_CERTIFICATES", pebble.trusted().toString());
    shell.environment().put("SSL_CERT_FILE", root.toString());
    return Run.of(shell);
  }

  /** What certbot asks for at a terminal, and where it may write. */
  private static void certbotSettings() throws IOException {
    Path file = Files.createDirectories(settings.resolve("letsencrypt")).resolve("cli.ini");
    Files.writeString(
        file,
        """
        config-dir = %1$s/certbot
        work-dir = %1$s/work
        logs-dir = %1$s/log
        server = %2$s
        http-01-port = %3$d
        non-interactive = true
        agree-tos = true
        register-unsafely-without-email = true
        """
            .formatted(settings, pebble.directory(), pebble.challenges()));
  }

  private static Daemon daemon() {
    String files = "{certificate: %1$s/listener.pem, key: %1$s/listener.key}".formatted(etc);
    return Daemon.start(
        lab,
        Machine.HERE,
        etc,
        """
        listeners:
          - {name: outlook, bind: "127.0.0.1:0", accept: fixed, origin: "%1$s", profile: legacy, serverNames: [%2$s], certificate: %3$s}
        routes:
          - {to: ["localhost:*"], action: bridge}
        upstream: {trust: "%4$s"}
        admin: {bind: "127.0.0.1:0", serverNames: [%2$s], tls: %3$s}
        """
            .formatted(origin.byName(), NAME, files, trusted));
  }

  /** Looks at the certificate with the commands of the page; gives its serial number. */
  private static String seen(String address, String version) {
    Run run =
        run(
            page("openssl s_client")
                .replace("127.0.0.1:8443", address)
                .replace("-tls1 ", version + " "));
    assertThat(run.succeeded().output()).contains("Verify return code: 0 (ok)");
    assertThat(run.find(Pattern.compile("Protocol *: (\\S+)")))
        .isEqualTo(version.equals("-tls1") ? "TLSv1" : "TLSv1.2");
    return run.find(SERIAL);
  }

  @Test
  void certbotRenewsTheCertificateOfAListenerAndOfTheAdminPort() throws Exception {
    Peers.require("certbot");
    certbotSettings();
    run(page("certbot certonly")).succeeded();
    assertThat(Files.getPosixFilePermissions(etc.resolve("listener.key")))
        .isEqualTo(PosixFilePermissions.fromString("rw-------"));
    Daemon daemon = daemon();
    String listener = Loopback.text(daemon.listener("outlook"));
    String admin = Loopback.text(daemon.admin());
    String first = seen(listener, "-tls1");
    assertThat(seen(admin, "-tls1_2")).isEqualTo(first);

    int mark = daemon.mark();
    Run renewal = run(page("certbot renew")).succeeded();

    assertThat(renewal.output())
        .contains("Hook 'deploy-hook' ran with output:", "reloaded; no key has changed");
    daemon.awaitOutput(mark, "certificate of the listener outlook loaded: ");
    String second = seen(listener, "-tls1");
    assertThat(second).isNotEqualTo(first);
    assertThat(seen(admin, "-tls1_2")).isEqualTo(second);

    Run wrong = run(page("certbot renew").strip() + " --key-type ecdsa").succeeded();
    assertThat(wrong.output())
        .contains("Hook 'deploy-hook' reported error code 1", "Not an RSA key");
    assertThat(run(serial()).find(SERIAL)).as("devices need RSA").isEqualTo(second);
    daemon.close();
  }

  @Test
  void legoGivesTheHookItsFiles() throws Exception {
    Peers.require("lego");
    String run = page("lego ").replace("--http ", here());
    run(run).succeeded();
    String first = run(serial()).succeeded().find(SERIAL);

    run(run.substring(0, run.indexOf("run --run-hook"))
            + "renew --days 1000 --no-random-sleep --renew-hook "
            + bin.resolve("tls-uplift-certificate"))
        .succeeded();

    assertThat(run(serial()).succeeded().find(SERIAL)).isNotEqualTo(first);
  }

  private static String here() {
    return "--server "
        + pebble.directory()
        + " --http --http.port 127.0.0.1:"
        + pebble.challenges()
        + " ";
  }

  private static String serial() {
    return "openssl x509 -noout -serial -in " + etc.resolve("listener.pem");
  }
}
