package org.tlsuplift.server.it.listener;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.ArrayList;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;
import org.tlsuplift.server.it.lab.Daemon;
import org.tlsuplift.server.it.lab.Lab;
import org.tlsuplift.server.it.lab.Loopback;
import org.tlsuplift.server.it.lab.Metrics;
import org.tlsuplift.server.it.lab.Peers;
import org.tlsuplift.server.it.lab.Run;
import org.tlsuplift.server.it.lab.TestCa;
import org.tlsuplift.server.it.peer.Microsocks;
import org.tlsuplift.server.it.peer.Nginx;
import org.tlsuplift.server.it.peer.Site;

/** A real curl of TLS 1.0 comes by SOCKS, in each version that has names. */
class SocksIT {
  @RegisterExtension static final Lab lab = new Lab();

  private static final String PASSWORD = "Geheimnis";

  private static Daemon daemon;
  private static Site site;

  @BeforeAll
  static void start() {
    TestCa ca = new TestCa(lab);
    site = Site.tls12(Loopback.V4, ca.issue("localhost"));
    Nginx.start(lab, site);
    daemon =
        Daemon.start(
            lab,
            """
            listeners:
              - {name: web, bind: "127.0.0.1:0", accept: http-connect, profile: legacy}
              - {name: open, bind: "127.0.0.1:0", accept: socks, profile: legacy}
              - name: closed
                bind: "127.0.0.1:0"
                accept: socks
                users: [{name: scanner, passwordFile: "%s"}]
                profile: legacy
            routes:
              - {to: ["localhost:%d"], action: bridge}
            upstream: {trust: "%s"}
            """
                .formatted(lab.file("password", PASSWORD + "\n"), site.port(), ca.file()),
            "--verbose");
  }

  private static Run curl(String listener, String way, String... options) {
    return fetch("https://localhost:" + site.port() + "/", listener, way, options);
  }

  private static Run fetch(String url, String listener, String way, String... options) {
    List<String> command = new ArrayList<>(List.of(Peers.require("curl"), "-sSv", "--http1.1"));
    command.addAll(List.of("--max-time", "60", "--cacert", daemon.authority().toString()));
    command.addAll(List.of("--tlsv1.0", "--tls-max", "1.0", "--ciphers", "ALL:@SECLEVEL=0"));
    command.addAll(List.of("--noproxy", "", way, Loopback.text(daemon.listener(listener))));
    command.addAll(List.of(options));
    command.add(url);
    return Run.of(command);
  }

  private static Stream<Arguments> ways() {
    return Stream.of(
        Arguments.of("open", "--socks5-hostname", new String[0]),
        Arguments.of("open", "--socks4a", new String[0]),
        Arguments.of(
            "closed", "--socks5-hostname", new String[] {"--proxy-user", "scanner:" + PASSWORD}));
  }

  @ParameterizedTest(name = "{0} {1}")
  @MethodSource("ways")
  void upgrades(String listener, String way, String[] options) {
    Metrics before = daemon.metrics();
    Run run = curl(listener, way, options).succeeded();
    assertThat(run.output())
        .contains("SSL connection using TLSv1 /")
        .contains(site.answer("localhost"));
    daemon.awaitIncrease(
        before, 1, "tlsuplift_legacy_handshakes_total", "listener", listener, "protocol", "TLSv1");
  }

  @Test
  void servesAnHttpProxyDeviceThroughASocksProxy() {
    Microsocks outer = Microsocks.start(lab, PASSWORD);
    String preproxy =
        outer.url().replace("socks5://", "socks5h://" + Microsocks.USER + ":" + PASSWORD + "@");
    int mark = daemon.mark();
    Run run = curl("web", "--proxy", "--preproxy", preproxy).succeeded();
    assertThat(run.output())
        .contains("SSL connection using TLSv1 /")
        .contains(site.answer("localhost"));
    daemon.awaitSessionLine(mark, "listener", "web", "agreed", "TLSv1");
  }

  @Test
  void refusesARequestToAnotherHttpProxy() {
    int mark = daemon.mark();
    String socks = "socks5h://" + Loopback.text(daemon.listener("open"));
    Run run =
        Run.of(
            List.of(
                Peers.require("curl"),
                "-sSv",
                "--noproxy",
                "",
                "--preproxy",
                socks,
                "--proxy",
                "http://localhost:" + site.port(),
                "https://evil.example/"));
    assertThat(run.exit()).as(run.toString()).isNotZero();
    assertThat(daemon.awaitSessionLine(mark, "listener", "open", "reason", "not_tls"))
        .contains("expected a TLS ClientHello");
  }

  @Test
  void refusesAWrongPasswordAndDoesNotLogIt() {
    int mark = daemon.mark();
    String wrong = "Falsches";
    Run run = curl("closed", "--socks5-hostname", "--proxy-user", "scanner:" + wrong);
    assertThat(run.exit()).as(run.toString()).isEqualTo(97);
    assertThat(daemon.awaitSessionLine(mark, "listener", "closed", "reason", "negotiation_refused"))
        .contains("user name or password is wrong");
    assertThat(daemon.output()).doesNotContain(wrong).doesNotContain(PASSWORD);
  }

  @Test
  void refusesDevicesThatDoNotSignIn() {
    int mark = daemon.mark();
    assertThat(curl("closed", "--socks5-hostname").exit()).isEqualTo(97);
    assertThat(curl("closed", "--socks4a").exit()).isEqualTo(97);
    assertThat(daemon.awaitSessionLine(mark, "listener", "closed", "reason", "negotiation_refused"))
        .contains("does not offer sign-in");
  }

  @Test
  void refusesADestinationWithoutARoute() {
    int mark = daemon.mark();
    for (String way : List.of("--socks5-hostname", "--socks4a")) {
      Run run = fetch("https://evil.example/", "open", way);
      assertThat(run.exit()).as(run.toString()).isEqualTo(97);
    }
    daemon.awaitSessionLine(
        mark, "listener", "open", "reason", "no_route", "target", "evil.example:443");
  }
}
