package org.tlsuplift.server.it.origin;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Path;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;
import org.tlsuplift.server.it.device.CurlDevice;
import org.tlsuplift.server.it.device.Device;
import org.tlsuplift.server.it.device.Device.Way;
import org.tlsuplift.server.it.device.RawDevice;
import org.tlsuplift.server.it.lab.Daemon;
import org.tlsuplift.server.it.lab.Lab;
import org.tlsuplift.server.it.lab.Loopback;
import org.tlsuplift.server.it.lab.Run;
import org.tlsuplift.server.it.lab.TestCa;
import org.tlsuplift.server.it.mail.CurlMailDevice;
import org.tlsuplift.server.it.mail.MailDevice;
import org.tlsuplift.server.it.mail.MailExchange;
import org.tlsuplift.server.it.peer.Mail;
import org.tlsuplift.server.it.peer.MailOrigin;
import org.tlsuplift.server.it.peer.Microsocks;
import org.tlsuplift.server.it.peer.Nginx;
import org.tlsuplift.server.it.peer.OriginVersions;
import org.tlsuplift.server.it.peer.PostOffice;
import org.tlsuplift.server.it.peer.Site;
import org.tlsuplift.server.it.peer.Squid;
import org.tlsuplift.server.it.peer.TlsForm;

/** Devices leave through a real Squid, and through a real SOCKS 5 proxy. */
class ViaIT {
  @RegisterExtension static final Lab lab = new Lab();

  private static final CurlDevice OLD = new CurlDevice("1.0", "ALL");
  private static final String PASSWORD = "Geheimnis";
  private static final String WRONG = "Falsches";

  /** Nothing but Squid resolves it. */
  private static final String NAME = "only-squid.example.test";

  private static TestCa ca;
  private static Site named;
  private static Site site;
  private static Site straight;
  private static PostOffice office;
  private static Squid squid;
  private static Squid frozen;
  private static Microsocks socks;
  private static Daemon daemon;
  private static int refusing;

  @BeforeAll
  static void start() {
    ca = new TestCa(lab);
    named = Site.tls12(Loopback.V4, ca.issue(NAME));
    site = Site.tls12(Loopback.V4, ca.issue("localhost"));
    straight = Site.tls12(Loopback.V4, ca.issue("localhost"));
    Nginx.start(lab, named, site, straight);
    office = PostOffice.start(lab, ca.issue("localhost"), OriginVersions.ONLY_1_2);
    squid = Squid.start(lab, PASSWORD, straight.port(), NAME);
    frozen = Squid.start(lab, PASSWORD, 1, NAME);
    socks = Microsocks.start(lab, PASSWORD);
    refusing = Loopback.closedPort(lab);
    Path password = lab.file("password", PASSWORD + "\n");
    Path wrong = lab.file("wrong", WRONG + "\n");
    daemon =
        Daemon.start(
            lab,
            """
            listeners:
              - {name: web, bind: "127.0.0.1:0", accept: http-connect, profile: legacy}
              - {name: smtp, bind: "127.0.0.1:0", accept: fixed, origin: "%1$s", protocol: smtp,
                 upstreamTls: starttls, profile: legacy}
              - {name: imaps, bind: "127.0.0.1:0", accept: fixed, origin: "%2$s", protocol: imap,
                 upstreamTls: implicit, profile: legacy}
              - {name: pop3, bind: "127.0.0.1:0", accept: fixed, origin: "%3$s", protocol: pop3,
                 upstreamTls: starttls, profile: legacy}
              - {name: unsigned, bind: "127.0.0.1:0", accept: fixed, origin: "localhost:1001",
                 protocol: smtp, upstreamTls: starttls, profile: legacy}
            routes:
              - {to: ["localhost:%4$d"], action: bridge, via: direct}
              - {to: ["localhost:1001"], action: bridge, via: "%5$s"}
              - {to: ["localhost:1002"], action: bridge, via: "%6$s"}
              - {to: ["localhost:1003"], action: bridge, via: "http://127.0.0.1:%7$d"}
              - {to: ["localhost:1004"], action: bridge, via: "%8$s"}
              - {to: ["localhost:1005"], action: bridge, via: "%9$s"}
              - {to: ["localhost:1006"], action: bridge, via: "%10$s"}
              - {to: ["localhost:%11$d", "localhost:1007", "%3$s"], action: bridge, via: "%12$s"}
              - {to: ["localhost:1024-65535", "%13$s:1024-65535", "127.0.0.1:%4$d"], action: bridge}
            upstream: {trust: "%14$s", via: "%15$s", dnsTimeout: 500ms, connectTimeout: 500ms}
            """
                .formatted(
                    office.origin(Mail.SMTP, TlsForm.STARTTLS).byName(),
                    office.origin(Mail.IMAP, TlsForm.IMPLICIT).byName(),
                    office.origin(Mail.POP3, TlsForm.STARTTLS).byName(),
                    straight.port(),
                    squid.url(),
                    squid.url(wrong),
                    Loopback.closedPort(lab),
                    frozen.url(password),
                    socks.url(),
                    socks.url(wrong),
                    site.port(),
                    socks.url(password),
                    NAME,
                    ca.file(),
                    squid.url(password)),
            "--verbose");
    frozen.freeze();
  }

  @AfterAll
  static void thaw() {
    if (frozen != null) {
      frozen.thaw();
    }
  }

  @Test
  void bridgesAnOldDeviceThroughSquidToANameThatOnlySquidResolves() {
    String origin = NAME + ":" + named.port();
    int mark = daemon.mark();
    Device.Visit visit = OLD.visit(Way.connect(daemon, "web", origin));
    assertThat(visit.version()).isEqualTo("TLSv1");
    assertThat(visit.run().output()).contains(named.answer(NAME));
    daemon.awaitSessionLine(mark, "target", origin, "action", "bridge", "agreed", "TLSv1");
    squid.awaitLog("TCP_TUNNEL/200 \\d+ CONNECT " + origin + " scanner ");
  }

  @Test
  void tunnelsAModernDeviceThroughSquid() {
    String origin = NAME + ":" + named.port();
    int mark = daemon.mark();
    Device.Visit visit =
        new CurlDevice("1.3", "ALL").visit(Way.connect(daemon, "web", origin).trusting(ca.file()));
    assertThat(visit.version()).isEqualTo("TLSv1.2");
    assertThat(visit.run().output()).contains(named.answer(NAME));
    daemon.awaitSessionLine(mark, "target", origin, "action", "tunnel");
  }

  @Test
  void bridgesThroughSocks() {
    Device.Visit visit = OLD.visit(Way.connect(daemon, "web", site.byName()));
    assertThat(visit.version()).isEqualTo("TLSv1");
    assertThat(visit.run().output()).contains(site.answer("localhost"));
    socks.awaitConnection("localhost", site.port());
  }

  private static Stream<Arguments> mails() {
    return Stream.of(
        Arguments.of("smtp", Mail.SMTP, TlsForm.STARTTLS),
        Arguments.of("imaps", Mail.IMAP, TlsForm.IMPLICIT),
        Arguments.of("pop3", Mail.POP3, TlsForm.STARTTLS));
  }

  @ParameterizedTest(name = "{0}")
  @MethodSource("mails")
  void bridgesMail(String listener, Mail mail, TlsForm form) {
    new MailExchange(daemon, office, "TLSv1.2")
        .by(
            new CurlMailDevice(lab, "1.0"),
            MailDevice.Way.fixed(daemon, listener, mail, form),
            listener);
    MailOrigin origin = office.origin(mail, form);
    if (listener.equals("pop3")) {
      socks.awaitConnection("localhost", origin.address().getPort());
    } else {
      squid.awaitLog("TCP_TUNNEL/200 \\d+ CONNECT " + origin.byName() + " scanner ");
    }
  }

  @Test
  void aRouteConnectsDirectlyIfConfigured() {
    // Squid would refuse it.
    Device.Visit visit = OLD.visit(Way.connect(daemon, "web", straight.byName()));
    assertThat(visit.run().output()).contains(straight.answer("localhost"));
  }

  private static Stream<Arguments> failures() {
    String squidIs = "proxy " + Loopback.text(squid.address());
    String socksIs = "proxy " + socks.url().substring("socks5://".length());
    return Stream.of(
        Arguments.of(
            "127.0.0.1:" + straight.port(),
            "via_refused",
            squidIs
                + " responded 403 to CONNECT (ERR_ACCESS_DENIED); allow 127.0.0.1:"
                + straight.port()
                + " on that proxy, for this machine"),
        Arguments.of(
            "localhost:" + refusing,
            "via_refused",
            " responded 503 to CONNECT (ERR_CONNECT_FAIL); check on that proxy whether it can"),
        Arguments.of(
            "localhost:1001",
            "via_refused",
            "(ERR_CACHE_ACCESS_DENIED; Basic); set 'via: http://USER:"),
        Arguments.of(
            "localhost:1002",
            "via_refused",
            " refuses user 'scanner' (407); check the user and password file"),
        Arguments.of("localhost:1003", "via_unreachable", "Connection refused (127.0.0.1): proxy "),
        Arguments.of("localhost:1004", "via_unreachable", "did not respond in time"),
        Arguments.of(
            "localhost:1005", "via_refused", socksIs + " requires a user and password, or is not"),
        Arguments.of("localhost:1006", "via_refused", socksIs + " refuses user 'scanner'"),
        Arguments.of(
            "localhost:1007",
            "via_refused",
            socksIs + " replied: connection refused by the origin"));
  }

  @ParameterizedTest(name = "{0} {2}")
  @MethodSource("failures")
  void logsTheReasonAndClosesTheDevice(String origin, String reason, String detail) {
    int mark = daemon.mark();
    Run run = OLD.attempt(Way.connect(daemon, "web", origin));
    assertThat(run.exit()).as(run.toString()).isEqualTo(35);
    assertThat(daemon.awaitSessionLine(mark, "target", origin, "reason", reason)).contains(detail);
  }

  @Test
  void mailDeviceGetsTheRefusalOfSquid() throws Exception {
    try (RawDevice device = RawDevice.to(daemon.listener("unsigned"))) {
      device.send("EHLO printer\r\n");
      assertThat(device.readText())
          .contains("421 ")
          .contains("407 to CONNECT (ERR_CACHE_ACCESS_DENIED; Basic); set");
    }
  }

  @Test
  void probesThroughSquid() {
    Run run =
        Run.of(
                Daemon.jar(
                    "probe",
                    NAME + ":" + named.port(),
                    "--config",
                    Daemon.config(daemon.folder()).toString()))
            .succeeded();
    assertThat(run.output())
        .contains("through   http://scanner@" + Loopback.text(squid.address()))
        .contains("address   " + NAME + ": TLSv1.2");
  }

  @Test
  void logsNoPassword() {
    logsTheReasonAndClosesTheDevice("localhost:1002", "via_refused", "refuses user 'scanner'");
    logsTheReasonAndClosesTheDevice("localhost:1006", "via_refused", "refuses user 'scanner'");
    bridgesThroughSocks();
    bridgesAnOldDeviceThroughSquidToANameThatOnlySquidResolves();
    String basic =
        java.util.Base64.getEncoder()
            .encodeToString(
                ("scanner:" + PASSWORD).getBytes(java.nio.charset.StandardCharsets.US_ASCII));
    for (String secret : List.of(PASSWORD, WRONG, basic)) {
      assertThat(daemon.output()).doesNotContain(secret);
    }
  }
}
