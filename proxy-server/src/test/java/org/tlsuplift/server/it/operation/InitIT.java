package org.tlsuplift.server.it.operation;

import static org.assertj.core.api.Assertions.assertThat;

import java.net.InetSocketAddress;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.tlsuplift.server.it.device.CurlDevice;
import org.tlsuplift.server.it.device.Device;
import org.tlsuplift.server.it.device.Device.Way;
import org.tlsuplift.server.it.lab.Child;
import org.tlsuplift.server.it.lab.Daemon;
import org.tlsuplift.server.it.lab.Lab;
import org.tlsuplift.server.it.lab.Loopback;
import org.tlsuplift.server.it.lab.Machine;
import org.tlsuplift.server.it.lab.Namespace;
import org.tlsuplift.server.it.lab.Peers;
import org.tlsuplift.server.it.lab.Run;
import org.tlsuplift.server.it.lab.TestCa;
import org.tlsuplift.server.it.peer.Nginx;
import org.tlsuplift.server.it.peer.Site;

/** From {@code init} to the first device, with the command as it is installed. */
class InitIT {
  @RegisterExtension static final Lab lab = new Lab();

  private static final Path COMMAND = Daemon.jar().resolveSibling("tls-uplift/bin/tls-uplift");
  private static final Pattern READY = Pattern.compile("(?m)\\bready *$");

  @Test
  void letsTheFirstDeviceThroughWithTheExportedCertificate() throws Exception {
    TestCa ca = new TestCa(lab);
    Site site = Site.tls12(Loopback.V4, ca.issue("localhost"));
    Nginx.start(lab, site);
    Path folder = lab.directory("first");
    run(Machine.HERE, folder, "init", "--yes", "--names", "uplift.corp.example,127.0.0.1")
        .succeeded();
    Path config = folder.resolve("tls-uplift.yaml");
    Files.writeString(config, onLoopback(Files.readString(config), site, ca));

    Child daemon = start(Machine.HERE, folder, "run", "--config", config.toString());
    daemon.awaitOutput(READY);

    Path trusted = folder.resolve("tls-uplift-ca.pem");
    Way fixed = Way.fixed(port(daemon, "outlook"), site.byName(), trusted);
    for (String name : List.of("uplift.corp.example", "127.0.0.1")) {
      goesThrough(fixed.named(name), site);
    }
    goesThrough(
        new Way(port(daemon, "web"), true, site.byName(), "localhost", true, trusted), site);
    daemon.terminate();
    assertThat(daemon.awaitExit()).as(daemon.toString()).isZero();
  }

  private static void goesThrough(Way way, Site site) {
    Device.Visit visit = new CurlDevice("1.0", "ALL").visit(way);
    assertThat(visit.version()).isEqualTo("TLSv1.0");
    assertThat(visit.run().output()).contains(site.answer("localhost"));
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
    Peers.requireRoot("a network namespace");
    Namespace alone = Namespace.create(lab, "u-init-" + ProcessHandle.current().pid());
    Path folder = lab.directory("lines");
    startsWithFewLines(alone, folder, "run");
    run(
            alone,
            folder,
            "init",
            "--yes",
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
          .hasSizeLessThan(15)
          .noneMatch(line -> line.contains("hardware address"));
    }
  }

  /** The same on free ports, towards a site that is here. */
  private static String onLoopback(String yaml, Site site, TestCa ca) {
    return yaml.replaceAll("bind: '.*?'", "bind: '127.0.0.1:0'")
            .replace("outlook.office365.com:443", site.byName())
            .replaceAll("smtp.office365.com:587", "localhost:587")
            .replace("[microsoft365]", "['localhost:*']")
            .replace("\nadmin:\n", "\nadmin:\n  bind: '127.0.0.1:0'\n")
        + "upstream: {trust: '"
        + ca.file()
        + "'}\n";
  }

  private static InetSocketAddress port(Child daemon, String listener) {
    Pattern line = Pattern.compile("listener " + listener + ": .* on 127\\.0\\.0\\.1:(\\d+)");
    return new InetSocketAddress(Loopback.V4, Integer.parseInt(daemon.awaitOutput(line).group(1)));
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
    program.environment().put("TLS_UPLIFT_OPTS", "-Xmx192m");
    return program;
  }
}
