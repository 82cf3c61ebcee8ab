package org.tlsuplift.server.it.admin;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import com.fasterxml.jackson.databind.JsonNode;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.tlsuplift.proxy.testing.ClientAuthority;
import org.tlsuplift.server.it.device.CurlDevice;
import org.tlsuplift.server.it.device.Device.Way;
import org.tlsuplift.server.it.lab.Account;
import org.tlsuplift.server.it.lab.Daemon;
import org.tlsuplift.server.it.lab.Lab;
import org.tlsuplift.server.it.lab.Loopback;
import org.tlsuplift.server.it.lab.Metrics;
import org.tlsuplift.server.it.lab.TestCa;
import org.tlsuplift.server.it.mail.MailDevice;
import org.tlsuplift.server.it.mail.OriginScript;
import org.tlsuplift.server.it.mail.SwaksDevice;
import org.tlsuplift.server.it.peer.JsseOrigin;
import org.tlsuplift.server.it.peer.Letter;
import org.tlsuplift.server.it.peer.Mail;
import org.tlsuplift.server.it.peer.Nginx;
import org.tlsuplift.server.it.peer.Prometheus;
import org.tlsuplift.server.it.peer.Site;
import org.tlsuplift.server.it.peer.TlsForm;
import org.tlsuplift.server.metrics.PromQl;
import org.tlsuplift.server.metrics.Promtool;
import org.tlsuplift.server.metrics.WatchedExpressions;

/**
 * A real Prometheus reads a daemon to which all has happened that rules and panels are about: each
 * expression can be evaluated, and none names a metric that is not there.
 */
class WatchIT {
  @RegisterExtension static final Lab lab = new Lab();

  private static Daemon daemon;
  private static Prometheus prometheus;

  @BeforeAll
  static void start() throws IOException {
    TestCa ca = new TestCa(lab);
    Site origin = Site.tls12(Loopback.V4, ca.issue("localhost"));
    Nginx.start(lab, origin);
    OriginScript refusing =
        new OriginScript(
            "220 ready\r\n",
            "EHLO",
            "250-localhost\r\n250 AUTH PLAIN\r\n",
            "AUTH",
            "535 5.7.139 Authentication unsuccessful, SmtpClientAuthentication is disabled\r\n",
            "QUIT",
            "221 bye\r\n");
    JsseOrigin mail = JsseOrigin.start(lab, ca.issue("localhost"), refusing::hold);
    daemon = Daemon.start(lab, configuration(ca, mail));
    prometheus = Prometheus.start(lab, Prometheus.scraping(daemon) + rules());
    // Alerts are about what becomes more, so Prometheus must have seen that there was none.
    prometheus.awaitAnswer("tlsuplift_ready", 1);
    traffic(origin, ca);
  }

  private static String configuration(TestCa ca, JsseOrigin mail) {
    ClientAuthority.Issued client = ClientAuthority.create().issue("RSA", "relay.example.test");
    return """
        listeners:
          - {name: web, bind: "127.0.0.1:0", accept: http-connect, profile: legacy, mail: {allowedSenders: [scanner@contoso.example]}}
          - {name: panels, bind: "127.0.0.1:0", accept: http-connect, profile: antique, devices: [127.0.0.0/8], until: 2099-12-31, certificate: {names: one}, mail: {allowedSenders: [scanner@contoso.example]}}
          - {name: mail, bind: "127.0.0.1:0", accept: fixed, origin: "%s", profile: legacy, protocol: smtp, downstreamTls: optional, upstreamTls: implicit, allowPlaintext: true}
        routes:
          - {to: ["connector.example.test:25"], action: bridge, clientCertificate: {certificate: "%s", key: "%s"}}
          - {to: ["localhost:*"], action: bridge}
        upstream: {trust: "%s"}
        accessLog: {file: "%s"}
        """
        .formatted(
            mail.byName(),
            lab.file("client.pem", client.certificatePem()),
            lab.file("client.key", client.keyPem()),
            ca.file(),
            lab.directory("log").resolve("access.log"));
  }

  /** The shipped rules, evaluated every second. */
  private static String rules() throws IOException {
    String shipped = Files.readString(WatchedExpressions.RULES);
    Path hasty = lab.file("alerts.yml", shipped.replaceAll("interval: \\S+", "interval: 1s"));
    return "rule_files: [\"" + hasty + "\"]\n";
  }

  private static void traffic(Site origin, TestCa ca) {
    Metrics before = daemon.metrics();
    Way way = Way.connect(daemon, "web", origin.byName());
    new CurlDevice("1.0", "AES128-SHA").visit(way);
    new CurlDevice("1.1", "ECDHE-RSA-AES128-SHA").visit(way);
    new CurlDevice("1.2", "ECDHE-RSA-AES256-GCM-SHA384").visit(way.trusting(ca.file()));
    new CurlDevice("1.0", "ALL").attempt(way.trusting(ca.file()));
    new CurlDevice("1.0", "ALL").attempt(Way.connect(daemon, "web", "elsewhere.example.test:443"));
    String closed = "localhost:" + Loopback.closedPort(lab);
    new CurlDevice("1.0", "ALL").attempt(Way.connect(daemon, "web", closed));
    Account account = new Account("scanner@example.test", "wrong");
    new SwaksDevice(lab, "TLSv1", "--auth", "PLAIN")
        .attemptInPlaintext(
            MailDevice.Way.fixed(daemon, "mail", Mail.SMTP, TlsForm.STARTTLS),
            account,
            Letter.small(account),
            "--auth",
            "PLAIN",
            "--auth-user",
            account.address(),
            "--auth-password",
            account.password());
    daemon.awaitIncrease(before, 7, "tlsuplift_sessions_total");
  }

  @Test
  void promtoolFindsNothingWrongWithAnyMetric() throws Exception {
    String all = Metrics.get(daemon.admin(), "/metrics");

    Promtool.Verdict verdict = Promtool.run(all, "check", "metrics");

    assertThat(verdict.output()).isEmpty();
    assertThat(verdict.exitCode()).isZero();
    assertThat(all).contains("tlsuplift_origin_replies_total", "outcome=\"certificate_rejected\"");
  }

  @Test
  void everyExpressionCanBeEvaluatedAndNamesOnlyMetricsThatAreThere() throws IOException {
    List<String> all = new ArrayList<>(WatchedExpressions.ofRules());
    all.addAll(WatchedExpressions.ofDashboard());
    Set<String> known = new HashSet<>(prometheus.names());
    known.addAll(WatchedExpressions.OPTIONAL);
    known.addAll(WatchedExpressions.recorded());

    for (String expression : all) {
      // A wrong expression is answered with status 400, at which this fails.
      prometheus.query(expression);
      assertThat(known).as(expression).containsAll(PromQl.metrics(expression));
    }
    assertThat(all).hasSizeGreaterThan(60);
  }

  @Test
  void everyPanelShowsSomething() throws IOException {
    for (String expression : WatchedExpressions.ofDashboard()) {
      if (PromQl.metrics(expression).stream().anyMatch(WatchedExpressions.OPTIONAL::contains)) {
        continue;
      }
      await(expression)
          .atMost(Duration.ofSeconds(20))
          .untilAsserted(() -> assertThat(prometheus.query(expression)).isNotEmpty());
    }
  }

  @Test
  void eventsRaiseTheirAlertsOnly() {
    await("alerts")
        .atMost(Duration.ofSeconds(30))
        .untilAsserted(
            () ->
                assertThat(prometheus.firing())
                    .containsExactlyInAnyOrder(
                        "TlsUpliftDeviceDoesNotTrustCa",
                        "TlsUpliftBasicAuthIsOff",
                        "TlsUpliftPlaintextSessions"));
    for (JsonNode group : prometheus.rules()) {
      for (JsonNode rule : group.path("rules")) {
        assertThat(rule.path("health").asText()).as(rule.toString()).isEqualTo("ok");
      }
    }
  }
}
