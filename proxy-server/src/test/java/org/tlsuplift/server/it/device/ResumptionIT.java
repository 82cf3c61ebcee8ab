package org.tlsuplift.server.it.device;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;
import org.tlsuplift.server.it.device.Device.Way;
import org.tlsuplift.server.it.lab.Daemon;
import org.tlsuplift.server.it.lab.Lab;
import org.tlsuplift.server.it.lab.Loopback;
import org.tlsuplift.server.it.lab.Metrics;
import org.tlsuplift.server.it.lab.Run;
import org.tlsuplift.server.it.lab.TestCa;
import org.tlsuplift.server.it.peer.Nginx;
import org.tlsuplift.server.it.peer.Site;

/** Devices with slow processors resume their sessions, by ticket and by session ID. */
class ResumptionIT {
  @RegisterExtension static final Lab lab = new Lab();

  private static final Pattern NEW = Pattern.compile("(?m)^New, .*Cipher is");
  private static final Pattern REUSED = Pattern.compile("(?m)^Reused, .*Cipher is");

  private static Site origin;
  private static Daemon daemon;

  @BeforeAll
  static void start() {
    TestCa ca = new TestCa(lab);
    origin = Site.tls12(Loopback.V4, ca.issue("localhost"));
    Nginx.start(lab, origin);
    daemon =
        Daemon.start(
            lab,
            """
            listeners:
              - {name: fixed, bind: "127.0.0.1:0", accept: fixed, origin: "%1$s", profile: legacy}
            routes:
              - {to: ["%1$s"], action: bridge}
            upstream: {trust: "%2$s"}
            """
                .formatted(origin.byName(), ca.file()));
  }

  private static Stream<Arguments> ways() {
    return Stream.of("-tls1", "-tls1_1", "-tls1_2")
        .flatMap(version -> Stream.of("-no_ticket", "").map(how -> Arguments.of(version, how)));
  }

  @ParameterizedTest(name = "{0} {1}")
  @MethodSource("ways")
  void reconnects(String version, String noTicket) {
    Metrics before = daemon.metrics();
    Run run = attempt(version, noTicket, "-reconnect");
    assertThat(NEW.matcher(run.output()).results()).as(run.toString()).hasSize(1);
    assertThat(REUSED.matcher(run.output()).results()).as(run.toString()).hasSize(5);
    assertThat(run.output()).contains(origin.answer("localhost"));
    daemon.awaitIncrease(
        before, 6, "tlsuplift_downstream_handshakes_total", "outcome", "completed");
    daemon.awaitIncrease(
        before, version.equals("-tls1_2") ? 0 : 6, "tlsuplift_legacy_handshakes_total");
  }

  @ParameterizedTest(name = "{0} {1}")
  @MethodSource("ways")
  void comesBackAfterARestartOfTheDevice(String version, String noTicket) {
    Path session = lab.directory("session").resolve("session.pem");
    Run first = attempt(version, noTicket, "-sess_out", session.toString());
    Run second = attempt(version, noTicket, "-sess_in", session.toString());
    assertThat(first.output()).containsPattern(NEW).contains(origin.answer("localhost"));
    assertThat(second.output()).containsPattern(REUSED).contains(origin.answer("localhost"));
  }

  private static Run attempt(String version, String noTicket, String... options) {
    List<String> all = new ArrayList<>(List.of(options));
    if (!noTicket.isEmpty()) {
      all.add(noTicket);
    }
    return new OpensslDevice(version, "AES128-SHA")
        .attempt(Way.fixed(daemon, "fixed", origin.byName()), all.toArray(String[]::new))
        .succeeded();
  }
}
