package org.tlsuplift.server.it.operation;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.regex.Pattern;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import org.tlsuplift.server.it.lab.Child;
import org.tlsuplift.server.it.lab.Daemon;
import org.tlsuplift.server.it.lab.Identity;
import org.tlsuplift.server.it.lab.Lab;
import org.tlsuplift.server.it.lab.Loopback;
import org.tlsuplift.server.it.lab.Peers;
import org.tlsuplift.server.it.lab.Run;
import org.tlsuplift.server.it.lab.TestCa;

/** The log and the access log in rsyslog. */
class SyslogIT {
  @RegisterExtension static final Lab lab = new Lab();

  private static final Duration TIMEOUT = Duration.ofSeconds(60);
  private static final Pattern LISTENER =
      Pattern.compile("listener web: .* on (127\\.0\\.0\\.1:\\d+)");

  private static int tlsPort;
  private static int udpPort;
  private static Path folder;
  private static Path received;
  private static TestCa ca;
  private static Child rsyslog;

  @BeforeAll
  static void startReceiver() {
    ca = new TestCa(lab);
    Identity identity = ca.issue("localhost");
    folder = lab.directory("syslog");
    received = folder.resolve("received");
    tlsPort = Loopback.freePort(Loopback.V4);
    udpPort = Loopback.freePort(Loopback.V4);
    Lab.write(
        folder.resolve("rsyslog.conf"),
        """
        global(workDirectory="%1$s" maxMessageSize="16k"
          defaultNetstreamDriver="ossl" defaultNetstreamDriverCAFile="%2$s"
          defaultNetstreamDriverCertFile="%3$s" defaultNetstreamDriverKeyFile="%4$s")
        template(name="all" type="string"
          string="%%syslogfacility-text%%.%%syslogseverity-text%%|%%app-name%%|%%msgid%%|%%rawmsg%%|%%msg%%\\n")
        module(load="imtcp" StreamDriver.Name="ossl" StreamDriver.Mode="1" StreamDriver.AuthMode="anon")
        input(type="imtcp" address="127.0.0.1" port="%5$d")
        module(load="imudp")
        input(type="imudp" address="127.0.0.1" port="%6$d")
        module(load="imuxsock" SysSock.Use="off")
        input(type="imuxsock" Socket="%1$s/log" UseSpecialParser="off")
        action(type="omfile" file="%7$s" template="all")
        """
            .formatted(
                folder,
                ca.file(),
                identity.certificateFile(),
                identity.keyFile(),
                tlsPort,
                udpPort,
                received));
    startRsyslog();
  }

  private static void startRsyslog() {
    rsyslog =
        lab.add(
            Child.start(
                new ProcessBuilder(
                    Peers.require("rsyslogd"),
                    "-n",
                    "-f",
                    folder.resolve("rsyslog.conf").toString(),
                    "-i",
                    folder.resolve("rsyslog.pid").toString())));
    rsyslog.awaitListening(List.of(new InetSocketAddress(Loopback.V4, tlsPort)));
  }

  private static Child daemon(Path data, String address, String more) {
    String trust = address.startsWith("tls") ? ", trust: " + ca.file() : "";
    return lab.add(
        Daemon.run(
            data,
            """
            listeners:
              - {name: web, bind: "127.0.0.1:0", accept: http-connect, profile: legacy}
            log: {target: syslog, syslog: {address: "%s", facility: local2%s}%s}
            accessLog: {target: syslog}
            """
                .formatted(address, trust, more)));
  }

  private static String received() {
    try {
      return Files.exists(received) ? Files.readString(received) : "";
    } catch (IOException failed) {
      throw new java.io.UncheckedIOException(failed);
    }
  }

  private static String listener(int mark) {
    await()
        .atMost(TIMEOUT)
        .untilAsserted(
            () -> assertThat(LISTENER.matcher(received().substring(mark)).find()).isTrue());
    var found = LISTENER.matcher(received().substring(mark));
    assertThat(found.find()).isTrue();
    return found.group(1);
  }

  private static void refusedVisit(String proxy, String host) {
    assertThat(
            Run.of(
                    List.of(
                        Peers.require("curl"),
                        "-sS",
                        "--max-time",
                        "30",
                        "--proxy",
                        "http://" + proxy,
                        "https://" + host + "/"))
                .exit())
        .isNotZero();
  }

  @ParameterizedTest
  @ValueSource(strings = {"tls", "udp", "unix"})
  void getsEachLineWithFacilitySeverityAndId(String kind) throws Exception {
    int mark = received().length();
    String address =
        switch (kind) {
          case "tls" -> "tls://localhost:" + tlsPort;
          case "udp" -> "udp://127.0.0.1:" + udpPort;
          default -> "unix:" + folder.resolve("log");
        };
    try (Child daemon = daemon(lab.directory(kind), address, "")) {
      String host = kind + ".example";
      refusedVisit(listener(mark), host);
      await()
          .atMost(TIMEOUT)
          .untilAsserted(
              () ->
                  assertThat(received().substring(mark))
                      .contains("|session|")
                      .contains("no route allows " + host));
      List<String> lines = received().substring(mark).lines().toList();
      assertThat(lines)
          .anyMatch(line -> line.startsWith("local2.info|tls-uplift|log|<150>1 20"))
          .anyMatch(line -> line.startsWith("local2.warning|tls-uplift|log|<148>1 20"));
      String session =
          lines.stream()
              .filter(line -> line.startsWith("local2.info|tls-uplift|session|"))
              .findFirst()
              .orElseThrow();
      assertThat(
              new ObjectMapper()
                  .readTree(session.substring(session.lastIndexOf("|{") + 1).strip())
                  .get("reason")
                  .textValue())
          .isEqualTo("no_route");
      // Standard output has what comes before the log is open, and nothing of the daemon itself.
      assertThat(daemon.output()).doesNotContain("listener web");
    }
  }

  @Test
  void losesNothingDuringAShortRsyslogOutage() {
    int mark = received().length();
    try (Child daemon =
        daemon(lab.directory("away"), "tls://localhost:" + tlsPort, ", format: json")) {
      String proxy = listener(mark);
      // Syslog has no acknowledgements: what is on its way to a receiver that ends is lost.
      await()
          .atMost(TIMEOUT)
          .until(() -> received().substring(mark).contains("\"message\":\"ready\""));
      rsyslog.terminate();
      rsyslog.awaitExit(TIMEOUT);
      refusedVisit(proxy, "first.example");
      daemon.awaitOutput(Pattern.compile("the syslog server cannot be reached"));
      refusedVisit(proxy, "second.example");
      startRsyslog();
      await()
          .atMost(TIMEOUT)
          .untilAsserted(
              () ->
                  assertThat(received().substring(mark))
                      .contains("no route allows first.example", "no route allows second.example"));
      assertThat(received().substring(mark)).contains("\"level\":\"INFO\",\"message\":\"ready\"");
    }
  }
}
