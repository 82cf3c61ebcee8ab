package org.tlsuplift.server.daemon;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.tuple;

import java.io.ByteArrayInputStream;
import java.net.InetAddress;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.time.Clock;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.tlsuplift.proxy.mail.MessageEnvelope;
import org.tlsuplift.proxy.model.MailProtocol;
import org.tlsuplift.proxy.signin.MailboxPermits;
import org.tlsuplift.server.background.Schedule;
import org.tlsuplift.server.config.ConfigLoader;
import org.tlsuplift.server.config.LoadedConfig;
import org.tlsuplift.server.config.SignInConfig;
import org.tlsuplift.server.doctor.PathStep;
import org.tlsuplift.server.doctor.TenantStep;
import org.tlsuplift.server.feature.CheckResult;
import org.tlsuplift.server.feature.Finding;
import org.tlsuplift.server.graph.GraphStandIn;
import org.tlsuplift.server.inventory.OriginOutages;
import org.tlsuplift.server.mail.OutgoingMessage;
import org.tlsuplift.server.mail.Transport;
import org.tlsuplift.server.mail.Transport.Result;
import org.tlsuplift.server.mapping.ConfigMapper;
import org.tlsuplift.server.metrics.ServerMetrics;
import org.tlsuplift.server.testing.platform.AppRegistration;
import org.tlsuplift.server.testing.platform.IdentityPlatform;

/** Accounts with {@code sendBy}, with stand-ins for the identity platform and Graph. */
class GraphAccountsTest {
  private static final String SCAN = "To: a@corp.example\r\nSubject: x\r\n\r\nbody\r\n";

  private final OriginOutages outages = new OriginOutages(Clock.systemUTC());

  @TempDir
  @SuppressWarnings("NullAway.Init")
  private Path directory;

  @Test
  void anAccountSendsWithATokenForGraph() throws Exception {
    try (IdentityPlatform platform = IdentityPlatform.start();
        GraphStandIn graph = GraphStandIn.start();
        Schedule schedule = new Schedule()) {
      LoadedConfig loaded = load(platform, graph);
      SignInConfig signIn = Objects.requireNonNull(loaded.config().signIn());
      ServerMetrics metrics = new ServerMetrics("1.2.3", List.of(), null);
      try (OriginAccesses accesses =
          new OriginAccesses(
              loaded,
              signIn,
              ConfigMapper.map(loaded),
              null,
              MailboxPermits.UNLIMITED,
              metrics,
              schedule)) {
        graph.acceptAudience("https://graph.microsoft.us");

        Result byGraph =
            send(accesses.transport(signIn.accounts().get(0), smtp("451 4.3.2"), outages));
        Result bySmtp =
            send(accesses.transport(signIn.accounts().get(1), smtp("451 4.3.2"), outages));
        Result off =
            send(
                accesses.transport(
                    signIn.accounts().get(1),
                    smtp(
                        "535 5.7.139 Authentication unsuccessful, SmtpClientAuthentication is disabled for the Mailbox."),
                    outages));

        assertThat(byGraph.accepted()).as(byGraph.toString()).containsExactly("a@corp.example");
        assertThat(bySmtp.by()).isEqualTo("smtp");
        assertThat(off.by()).isEqualTo("Microsoft Graph: 202 accepted");
        assertThat(graph.sent()).hasSize(2).allMatch(sent -> sent.mime().equals(SCAN));
        assertThat(graph.violations()).isEmpty();
        assertThat(metrics.scrape("text/plain").text())
            .contains("tlsuplift_graph_requests_total{result=\"2xx\"} 2");
        assertThat(outages.now()).isEmpty();

        graph.close();
        send(accesses.transport(signIn.accounts().get(0), smtp("451 4.3.2"), outages));

        assertThat(outages.now())
            .singleElement()
            .satisfies(
                outage -> assertThat(outage.origin().port()).isEqualTo(graph.url().getPort()))
            .satisfies(outage -> assertThat(outage.why()).contains("refused"));
      }
    }
  }

  @Test
  void theDoctorChecksTheTokenAndDoesNotSignInBySmtp() throws Exception {
    try (IdentityPlatform platform = IdentityPlatform.start();
        GraphStandIn graph = GraphStandIn.start()) {
      LoadedConfig loaded = load(platform, graph);
      SignInConfig signIn = Objects.requireNonNull(loaded.config().signIn());
      try (DoctorSetup doctor = new DoctorSetup(loaded, Clock.systemUTC(), finding -> {})) {
        CheckResult checked = doctor.examine("mail", signIn.accounts().get(0));

        assertThat(checked.origin()).isEqualTo("Microsoft Graph");
        assertThat(checked.findings())
            .extracting(Finding::step, Finding::outcome)
            .containsExactly(
                tuple(PathStep.TOKEN, Finding.Outcome.OK),
                tuple(PathStep.RIGHTS, Finding.Outcome.SKIPPED),
                tuple(PathStep.SIGN_IN, Finding.Outcome.SKIPPED));
        assertThat(TenantStep.of(checked, MailProtocol.SMTP, true))
            .noneMatch(TenantStep.Result::isFailure);
      }
    }
  }

  private LoadedConfig load(IdentityPlatform platform, GraphStandIn graph) throws Exception {
    AppRegistration application = platform.register();
    Path secret = Files.writeString(directory.resolve("secret"), application.newSecret() + "\n");
    Files.setPosixFilePermissions(secret, PosixFilePermissions.fromString("rw-------"));
    Path trust =
        Files.writeString(
            directory.resolve("trust.pem"),
            Files.readString(platform.certificateFile())
                + Files.readString(graph.certificateFile()));
    return ConfigLoader.parse(
        """
        dataDirectory: %s
        upstream: {trust: %s}
        microsoft365: {cloud: gcc-high}
        listeners:
          - {name: mail, bind: "127.0.0.1:0", accept: fixed, origin: "smtp.office365.us:587", protocol: smtp, profile: legacy, signIn: true, mail: {spool: {when: always}}}
        signIn:
          tenant: %s
          applicationId: %s
          clientSecretFile: %s
          cloud: gcc-high
          authority: %s
          graph: %s
          saveToSentItems: true
          accounts:
            - {devices: [192.0.2.0/28], mailbox: scanner@corp.example, sendBy: graph}
            - {devices: [192.0.2.16/28], mailbox: scanner@corp.example, sendBy: auto}
        """
            .formatted(
                directory.resolve("data"),
                trust,
                platform.tenant(),
                application.id(),
                secret,
                platform.url(),
                graph.url()),
        "test");
  }

  private static Transport smtp(String reply) {
    return (message, header, content) ->
        new Result("smtp", List.of(), Map.of(), Map.of("a@corp.example", reply), null);
  }

  private static Result send(Transport transport) throws Exception {
    Instant now = Instant.now();
    OutgoingMessage message =
        new OutgoingMessage(
            "0000-1",
            new MessageEnvelope(
                "mail",
                InetAddress.getByName("192.0.2.1"),
                "scanner@corp.example",
                "scanner@corp.example",
                List.of("a@corp.example"),
                false),
            List.of("a@corp.example"),
            SCAN.length(),
            now,
            now.plusSeconds(3600),
            0,
            now,
            "",
            false);
    return transport.send(
        message, "", () -> new ByteArrayInputStream(SCAN.getBytes(StandardCharsets.US_ASCII)));
  }
}
