package org.tlsuplift.server.it.operation;

import static java.nio.charset.StandardCharsets.US_ASCII;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import java.io.IOException;
import java.net.ServerSocket;
import java.net.Socket;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;
import org.tlsuplift.server.it.lab.Child;
import org.tlsuplift.server.it.lab.CommandLineRun;
import org.tlsuplift.server.it.lab.Daemon;
import org.tlsuplift.server.it.lab.Lab;
import org.tlsuplift.server.it.lab.Loopback;
import org.tlsuplift.server.it.lab.Machine;
import org.tlsuplift.server.it.lab.Peers;
import org.tlsuplift.server.it.lab.Run;

/** What cannot work is refused at the start, with an exit code and a line for the operator. */
class StartUpIT {
  @RegisterExtension static final Lab lab = new Lab();

  private static final int RUNTIME = 1;
  private static final int CONFIGURATION = 2;
  private static final String LISTENER =
      """
      listeners:
        - {name: web, bind: "127.0.0.1:%d", accept: http-connect, profile: legacy}
      """;

  private static Path goodAuthority;

  @BeforeAll
  static void makeAnAuthority() {
    Daemon daemon = Daemon.start(lab, LISTENER.formatted(0));
    goodAuthority = daemon.authority().getParent();
    daemon.close();
  }

  /** Netty would query public name servers. */
  @Test
  void aMachineWithoutANameServerIsNamedInOneLine() {
    Peers.requireMounts();
    Path none = lab.file("resolv.conf", "search corp.example\n");
    Machine machine =
        Machine.starting(
            Peers.require("unshare"),
            "--mount",
            "sh",
            "-ec",
            "[ ! -e /etc/resolv.conf ] || mount --bind '"
                + none
                + "' /etc/resolv.conf; exec \"$@\"",
            "sh");
    Child daemon = lab.add(Daemon.run(machine, lab.directory("daemon"), LISTENER.formatted(0)));
    daemon.awaitOutput(Pattern.compile("(?m)\\bready *$"));
    assertThat(daemon.output().lines().filter(line -> line.contains("DNS server")))
        .singleElement()
        .asString()
        .contains(
            " WARN ",
            "this system has no DNS server; add one to /etc/resolv.conf. Until then, names are"
                + " resolved with the hosts file and 127.0.0.1:53 only");
    daemon.close();
  }

  @Test
  void readsTheHostsFileAgainWhenItChanges() throws IOException {
    Peers.requireMounts();
    Path hosts = lab.file("hosts", "127.0.0.5 moved.example\n");
    Machine machine =
        Machine.starting(
            Peers.require("unshare"),
            "--mount",
            "sh",
            "-ec",
            "mount --bind '" + hosts + "' /etc/hosts; exec \"$@\"",
            "sh");
    Daemon daemon =
        Daemon.start(
            lab,
            machine,
            """
            listeners:
              - {name: mail, bind: "127.0.0.1:0", accept: fixed, protocol: smtp, origin: "moved.example:%1$d", profile: legacy}
            routes:
              - {to: ['moved.example:%1$d'], action: bridge}
            """
                .formatted(Loopback.closedPort(lab)));
    refused(daemon, "(127.0.0.5)");
    Files.writeString(hosts, "127.0.0.6 moved.example\n");
    await().untilAsserted(() -> refused(daemon, "(127.0.0.6)"));
  }

  private static void refused(Daemon daemon, String by) throws IOException {
    int mark = daemon.mark();
    try (Socket device = new Socket()) {
      device.connect(daemon.listener("mail"));
      device.getOutputStream().write("EHLO scanner\r\nSTARTTLS\r\n".getBytes(US_ASCII));
      assertThat(daemon.awaitSessionLine(mark, "reason", "origin_unreachable")).contains(by);
    }
  }

  /** Something that is done to the files of the local CA. */
  @FunctionalInterface
  private interface Damage {
    void to(Path authority) throws IOException;
  }

  private static Stream<Arguments> damages() {
    return Stream.of(
        damage("a corrupt key", ca -> overwrite(ca, "ca.key.pem"), "ca.key.pem"),
        damage("a corrupt certificate", ca -> overwrite(ca, "ca.crt.pem"), "ca.crt.pem"),
        damage("no key", ca -> Files.delete(ca.resolve("ca.key.pem")), "ca.key.pem is missing"),
        damage("a key for all to read", ca -> mode(ca.resolve("ca.key.pem"), "rw-r--r--"), "600"),
        damage("a directory for all", ca -> mode(ca, "rwxr-xr-x"), "700"));
  }

  private static Arguments damage(String what, Damage damage, String told) {
    return Arguments.of(what, damage, told);
  }

  @ParameterizedTest(name = "{0}")
  @MethodSource("damages")
  void refusesADamagedAuthorityAndLeavesItAsItIs(String what, Damage damage, String told)
      throws IOException {
    Path folder = lab.directory("daemon");
    Path authority = copyOfGoodAuthority(folder);
    damage.to(authority);
    long files = count(authority);

    String line = refused(folder, LISTENER.formatted(0), RUNTIME);

    assertThat(line).contains(told);
    assertThat(count(authority)).as("nothing is replaced silently").isEqualTo(files);
  }

  @Test
  void refusesAListenersPortThatIsInUse() throws IOException {
    try (ServerSocket taken = new ServerSocket(0, 1, Loopback.V4)) {
      String line =
          refused(lab.directory("daemon"), LISTENER.formatted(taken.getLocalPort()), RUNTIME);
      assertThat(line)
          .contains("listener 'web'")
          .contains("127.0.0.1:" + taken.getLocalPort())
          .contains("in use");
    }
  }

  @Test
  void refusesAnAdminPortThatIsInUse() throws IOException {
    try (ServerSocket taken = new ServerSocket(0, 1, Loopback.V4)) {
      String admin = "admin: {bind: \"127.0.0.1:%d\"}\n".formatted(taken.getLocalPort());
      String line = refused(lab.directory("daemon"), admin + LISTENER.formatted(0), RUNTIME);
      assertThat(line)
          .contains("admin")
          .contains("127.0.0.1:" + taken.getLocalPort())
          .contains("in use");
    }
  }

  @Test
  void refusesAMissingOperatorsCa() {
    String yaml = LISTENER.formatted(0) + "certificateAuthority: {pkcs12: /nowhere/ca.p12}\n";
    assertThat(refused(lab.directory("daemon"), yaml, CONFIGURATION))
        .contains("certificateAuthority.pkcs12")
        .contains("/nowhere/ca.p12")
        .contains("no such file");
  }

  @Test
  void refusesToGoBelowTheFloor() {
    String yaml = LISTENER.formatted(0) + "upstream: {minimumVersion: TLSv1}\n";
    assertThat(refusedHere(yaml)).contains("the minimum is always TLSv1.2");
  }

  @Test
  void reportsAllConfigurationErrorsAtOnce() {
    String yaml = LISTENER.formatted(0) + "limit: {maxSessions: 1}\ntransport: pigeon\n";
    String output = refusedHere(yaml);
    assertThat(output).contains("limit").contains("transport").contains("pigeon");
  }

  /** Starts the daemon, which must end by itself with this code, without a stack trace. */
  private static String refused(Path folder, String yaml, int exit) {
    try (Child daemon = Daemon.run(folder, yaml)) {
      assertThat(daemon.awaitExit()).as(daemon.toString()).isEqualTo(exit);
      assertThat(daemon.output()).doesNotContain("\tat ").doesNotContain("INFO  ready");
      return daemon.output();
    }
  }

  /** The output for a configuration that the command refuses before a process is needed. */
  private static String refusedHere(String yaml) {
    Run run = CommandLineRun.of("run", "--config", lab.file("wrong.yaml", yaml).toString());
    assertThat(run.exit()).as(run.toString()).isEqualTo(CONFIGURATION);
    assertThat(run.output()).doesNotContain("\tat ").doesNotContain("INFO  ready");
    return run.output();
  }

  private static Path copyOfGoodAuthority(Path folder) throws IOException {
    Path copy = Files.createDirectories(Daemon.data(folder).resolve("ca"));
    mode(copy, "rwx------");
    try (Stream<Path> files = Files.list(goodAuthority)) {
      for (Path file : files.toList()) {
        Files.copy(file, copy.resolve(file.getFileName()));
        mode(copy.resolve(file.getFileName()), "rw-------");
      }
    }
    return copy;
  }

  private static void overwrite(Path authority, String name) throws IOException {
    Files.writeString(authority.resolve(name), "-----BEGIN THIS IS NO KEY-----\n");
  }

  private static void mode(Path path, String mode) throws IOException {
    Files.setPosixFilePermissions(path, PosixFilePermissions.fromString(mode));
  }

  private static long count(Path directory) throws IOException {
    try (Stream<Path> files = Files.list(directory)) {
      return files.filter(file -> file.getFileName().toString().endsWith(".pem")).count();
    }
  }
}
