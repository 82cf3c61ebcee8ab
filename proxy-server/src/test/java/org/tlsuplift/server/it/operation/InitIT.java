package org.tlsuplift.server.it.operation;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.UnknownHostException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.tlsuplift.server.it.device.CurlDevice;
import org.tlsuplift.server.it.device.Device.Way;
import org.tlsuplift.server.it.device.OpensslDevice;
import org.tlsuplift.server.it.lab.Child;
import org.tlsuplift.server.it.lab.CommandLineRun;
import org.tlsuplift.server.it.lab.Daemon;
import org.tlsuplift.server.it.lab.Internet;
import org.tlsuplift.server.it.lab.Lab;
import org.tlsuplift.server.it.lab.Machine;
import org.tlsuplift.server.it.lab.Namespace;
import org.tlsuplift.server.it.lab.Peers;
import org.tlsuplift.server.it.lab.Run;
import org.tlsuplift.server.it.lab.TestCa;
import org.tlsuplift.server.it.peer.Nginx;
import org.tlsuplift.server.it.peer.PostfixSink;
import org.tlsuplift.server.it.peer.Site;

/** From {@code init} to the first device, with the command as it is installed. */
class InitIT {
  @RegisterExtension static final Lab lab = new Lab();

  private static final Path COMMAND = Daemon.jar().resolveSibling("tls-uplift/bin/tls-uplift");

  /** Within what Microsoft publishes; here it is an address of the test's own network. */
  private static final String ORIGIN = "52.96.0.10";

  private static final Pattern READY = Pattern.compile("(?m)\\bready *$");

  /** In a network of its own, where the origins' names lead to a site of the test's. */
  @Test
  void firstDevicesWorkWithTheExportedCertificate() throws Exception {
    TestCa ca = new TestCa(lab);
    Internet internet = Internet.create(lab, List.of(ORIGIN));
    internet
        .router()
        .etc("hosts", ORIGIN + " outlook.office365.com\n" + ORIGIN + " smtp.office365.com\n");
    internet.router().etc("resolv.conf", "nameserver 127.0.0.1\n");
    InetAddress origin = InetAddress.getByName(ORIGIN);
    Site site = Site.tls12(new InetSocketAddress(origin, 443), ca.issue("outlook.office365.com"));
    Nginx.start(lab, internet.origins(), site);
    PostfixSink.start(
        lab,
        internet.origins(),
        Map.of(new InetSocketAddress(origin, 587), ca.issue("smtp.office365.com")));
    Path folder = lab.directory("first");
    String names = "uplift.corp.example," + Internet.ROUTER;

    Run init = run(internet.router(), folder, "init", "--yes", "--names", names).succeeded();
    Path config = folder.resolve("tls-uplift.yaml");
    Files.writeString(
        config, "upstream: {trust: '" + ca.file() + "'}\n", StandardOpenOption.APPEND);
    Child daemon = start(internet.router(), folder, "run", "--config", config.toString());
    daemon.awaitOutput(READY);

    assertThat(init.output())
        .contains("Instead of outlook.office365.com: server uplift.corp.example, port 8443")
        .contains("encryption STARTTLS: server uplift.corp.example, port 2587");
    Path trusted = folder.resolve("tls-uplift-ca.pem");
    Way fixed = way(8443, false, trusted);
    for (Way way :
        List.of(
            fixed.named("uplift.corp.example"),
            fixed.named(Internet.ROUTER),
            way(3128, true, trusted))) {
      Run curl =
          Run.of(internet.device().command(new CurlDevice("1.0", "ALL").command(way))).succeeded();
      assertThat(curl.output())
          .contains("SSL connection using TLSv1 /", site.answer("outlook.office365.com"));
    }
    List<String> mail =
        new OpensslDevice("-tls1", "ALL", List.of("-starttls", "smtp"))
            .command(way(2587, false, trusted).named("uplift.corp.example"));
    assertThat(Run.of(internet.device().command(mail), Map.of(), "QUIT\r\n").succeeded().output())
        .containsPattern("Protocol *: TLSv1\\b")
        .contains("Verify return code: 0 (ok)");
    daemon.terminate();
    assertThat(daemon.awaitExit()).as(daemon.toString()).isZero();
  }

  /** A Postfix is the MX host of the organization. */
  @Test
  void printersSendToTheMxHostWithoutSigningIn() throws Exception {
    String mx = "corp-example.mail.protection.outlook.com";
    TestCa ca = new TestCa(lab);
    Internet internet = Internet.create(lab, List.of(ORIGIN));
    internet.router().etc("hosts", ORIGIN + " " + mx + "\n");
    internet.router().etc("resolv.conf", "nameserver 127.0.0.1\n");
    PostfixSink postfix =
        PostfixSink.start(
            lab,
            internet.origins(),
            Map.of(new InetSocketAddress(InetAddress.getByName(ORIGIN), 25), ca.issue(mx)));
    Path folder = lab.directory("direct-send");

    Run init =
        run(
                internet.router(),
                folder,
                "init",
                "--yes",
                "--names",
                "uplift.corp.example," + Internet.ROUTER,
                "--ways",
                "direct-send",
                "--mx-host",
                mx,
                "--allowed-senders",
                "scanner@corp.example")
            .succeeded();
    Path config = folder.resolve("tls-uplift.yaml");
    Files.writeString(
        config, "upstream: {trust: '" + ca.file() + "'}\n", StandardOpenOption.APPEND);
    Child daemon = start(internet.router(), folder, "run", "--config", config.toString());
    daemon.awaitOutput(READY);

    assertThat(init.output())
        .contains("without user and password")
        .contains("server uplift.corp.example, port 2525");
    Path trusted = folder.resolve("tls-uplift-ca.pem");
    for (String form : List.of("--tls", "--tls-on-connect")) {
      assertThat(
              swaks(internet, form, trusted, "scanner@corp.example", "office@corp.example")
                  .succeeded()
                  .output())
          .contains("TLS started with cipher TLSv1:");
    }
    await("both messages")
        .until(() -> postfix.log().split("to=<office@corp.example>.* status=sent", -1).length == 3);
    assertThat(postfix.log()).contains("TLSv1.3 with cipher").doesNotContain("TLSv1 with cipher");

    assertThat(
            swaks(internet, "--tls", trusted, "ceo@corp.example", "office@corp.example").output())
        .contains("550 5.7.60");
    assertThat(
            swaks(internet, "--tls", trusted, "scanner@corp.example", "office@fabrikam.example")
                .output())
        .contains("554 5.7.1 <office@fabrikam.example>: Relay access denied");
    assertThat(postfix.log()).doesNotContain("ceo@corp.example");
    daemon.terminate();
    assertThat(daemon.awaitExit()).as(daemon.toString()).isZero();
  }

  /** A printer with TLS 1.0 and without a password. */
  private static Run swaks(Internet internet, String form, Path trusted, String from, String to) {
    return Run.of(
        internet
            .device()
            .command(
                List.of(
                    Peers.require("swaks"),
                    "--server",
                    Internet.ROUTER,
                    "--port",
                    "2525",
                    "--timeout",
                    "60",
                    form,
                    "--tls-protocol",
                    "tlsv1",
                    "--tls-cipher",
                    "ALL:@SECLEVEL=0",
                    "--tls-verify",
                    "--tls-ca-path",
                    trusted.toString(),
                    "--from",
                    from,
                    "--to",
                    to)));
  }

  private static Way way(int port, boolean connect, Path trusted) throws UnknownHostException {
    return new Way(
        new InetSocketAddress(InetAddress.getByName(Internet.ROUTER), port),
        connect,
        "outlook.office365.com:443",
        "outlook.office365.com",
        true,
        trusted);
  }

  @Test
  void writesAntiqueListenersThatPassTheCheck() {
    Path folder = lab.directory("antique");

    run(
            Machine.HERE,
            folder,
            "init",
            "--yes",
            "--ways",
            "proxy,https,scan-to-mail,antique",
            "--antique-devices",
            "10.1.2.0/28")
        .succeeded();

    assertThat(run(Machine.HERE, folder, "check", "-c", "tls-uplift.yaml").succeeded().output())
        .contains("antique-web", "antique-outlook", "antique-mail");
  }

  /** Where no network interface has a hardware address too, as in many containers. */
  @Test
  void startsWithFewLines() {
    Namespace alone = Namespace.create(lab, "u-init-" + ProcessHandle.current().pid());
    alone.etc("resolv.conf", "nameserver 127.0.0.1\n");
    Path folder = lab.directory("lines");
    startsWithFewLines(alone, folder, "run");
    CommandLineRun.of(
            "init",
            "--yes",
            "--config",
            folder.resolve("tls-uplift.yaml").toString(),
            "--names",
            "uplift",
            "--ways",
            "proxy,https,scan-to-mail,mailboxes,socks,transparent")
        .succeeded();
    startsWithFewLines(alone, folder, "run", "--config", "tls-uplift.yaml");
  }

  private static void startsWithFewLines(Machine machine, Path folder, String... command) {
    try (Child daemon = start(machine, folder, command)) {
      daemon.awaitOutput(READY);
      assertThat(daemon.output().lines())
          .hasSizeLessThan(17)
          .noneMatch(line -> line.contains("hardware address"));
    }
  }

  private static Run run(Machine machine, Path folder, String... arguments) {
    return Run.of(program(machine, folder, arguments));
  }

  private static Child start(Machine machine, Path folder, String... arguments) {
    return lab.add(Child.start(program(machine, folder, arguments)));
  }

  private static ProcessBuilder program(Machine machine, Path folder, String... arguments) {
    List<String> command = new ArrayList<>(List.of(COMMAND.toString()));
    command.addAll(List.of(arguments));
    ProcessBuilder program =
        new ProcessBuilder(machine.command(command)).directory(folder.toFile());
    program.environment().put("JAVA_HOME", System.getProperty("java.home"));
    program.environment().put("TLS_UPLIFT_OPTS", "-Xmx192m -XX:TieredStopAtLevel=1");
    // Without it, the launcher would write an archive of classes for a next start.
    program.environment().put("TLS_UPLIFT_CLASS_ARCHIVE", "off");
    return program;
  }
}
