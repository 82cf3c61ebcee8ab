package org.tlsuplift.server.config;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.List;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;
import org.tlsuplift.proxy.mail.policy.LineEnds;
import org.tlsuplift.proxy.mail.policy.MailPolicy;
import org.tlsuplift.proxy.mail.policy.RewriteFrom;
import org.tlsuplift.proxy.testing.ClientAuthority;
import org.tlsuplift.server.config.load.ConfigLoader;
import org.tlsuplift.server.config.yaml.ConfigProblem;
import org.tlsuplift.server.config.yaml.InvalidConfigException;
import org.tlsuplift.server.testing.SchemaAgreement;

/** The rules for messages. */
class MailPolicyConfigTest {
  private static final String SMTP =
      "{name: a, bind: '127.0.0.1:0', accept: fixed, origin: 'mx.example:25', protocol: smtp,"
          + " profile: legacy%s}";
  private static final String SENDERS = ", mail: {allowedSenders: [scanner@contoso.example]}";

  @TempDir
  @SuppressWarnings("NullAway.Init")
  Path directory;

  private String certificate = "";

  @BeforeEach
  void files() throws Exception {
    ClientAuthority.Issued issued = ClientAuthority.create().issue("EC", "relay.example.test");
    Path pem = Files.writeString(directory.resolve("relay.pem"), issued.certificatePem());
    Path key = Files.writeString(directory.resolve("relay.key"), issued.keyPem());
    Files.setPosixFilePermissions(key, PosixFilePermissions.fromString("rw-------"));
    certificate = "clientCertificate: {certificate: '%s', key: '%s'}".formatted(pem, key);
  }

  private static ServerConfig load(String listener, String routes) throws InvalidConfigException {
    ServerConfig config = ConfigLoader.parse(yaml(listener, routes), "test").config();
    SchemaAgreement.accepted(yaml(listener, routes));
    return config;
  }

  private static String yaml(String listener, String routes) {
    return "listeners:\n  - %s\nroutes:\n%s\n".formatted(listener, routes);
  }

  private static MailPolicy policy(String mail) throws InvalidConfigException {
    return load(SMTP.formatted(", mail: " + mail), "  - {to: ['mx.example:25'], action: bridge}")
        .listeners()
        .get(0)
        .mail();
  }

  private static List<String> problems(String listener, String routes) {
    InvalidConfigException invalid =
        catchThrowableOfType(InvalidConfigException.class, () -> load(listener, routes));
    SchemaAgreement.refused(yaml(listener, routes), invalid.problems());
    return invalid.problems().stream().map(ConfigProblem::toString).toList();
  }

  @Test
  void readsEveryRule() throws Exception {
    assertThat(
            policy(
                "{allowedSenders: [Scanner@Contoso.example, '@Scan.contoso.example', '<>',"
                    + " a@printer], allowedRecipients: ['@contoso.example'], maximumRecipients: 20,"
                    + " maximumSize: 35MB, messagesPerHour: 60, recipientsPerDay: 500,"
                    + " repairLineEnds: true, rewriteFrom: {address: scans@contoso.example,"
                    + " displayName: Scanner, replyTo: original}}"))
        .isEqualTo(
            new MailPolicy(
                List.of("scanner@contoso.example", "@scan.contoso.example", "<>", "a@printer"),
                List.of("@contoso.example"),
                20,
                35L << 20,
                60,
                500,
                LineEnds.REPAIR,
                new RewriteFrom("scans@contoso.example", "Scanner", RewriteFrom.ReplyTo.ORIGINAL)));
  }

  @Test
  void aRuleThatIsLeftOutIsNone() throws Exception {
    assertThat(policy("{messagesPerHour: 1}"))
        .isEqualTo(new MailPolicy(List.of(), List.of(), 0, 0, 1, 0, LineEnds.PASS, null));
    assertThat(policy("{rewriteFrom: {address: a@b.example}}").rewriteFrom())
        .isEqualTo(new RewriteFrom("a@b.example", null, RewriteFrom.ReplyTo.NONE));
  }

  @ParameterizedTest
  @CsvSource({"true,REPAIR", "false,PASS", "refuse,REFUSE", "'true',REPAIR"})
  void lineEndsAreAFlagOrAWord(String value, LineEnds meant) throws Exception {
    assertThat(policy("{repairLineEnds: " + value + "}").repairLineEnds()).isEqualTo(meant);
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "allowedSenders: [contoso.example] | allowedSenders[0]: got 'contoso.example'; expected"
            + " mail addresses, such as scanner@contoso.com, or \"@contoso.com\" for a whole"
            + " domain; write \"@contoso.example\"",
        "allowedRecipients: ['<>'] | allowedRecipients[0]: got '<>'; expected mail addresses, such"
            + " as scanner@contoso.com, or \"@contoso.com\" for a whole domain; write the address"
            + " without < and >",
        "maximumRecipients: 0 | maximumRecipients: got '0'; expected a number from 1 to 10000",
        "maximumSize: 35 | maximumSize: got '35'; expected a size from 1KB to 10GB, such as 35MB",
        "maximumSize: 1000GB | maximumSize: got '1000GB'; expected a size from 1KB to 10GB, such as"
            + " 35MB",
        "messagesPerHour: -1 | messagesPerHour: got '-1'; expected a number from 1 to 1000000",
        "repairLineEnds: maybe | repairLineEnds: got 'maybe'; expected false, true, refuse",
        "rewriteFrom: {displayName: a} | rewriteFrom.address: missing; expected a mail address,"
            + " such as scanner@contoso.com, or mailbox",
        "rewriteFrom: {address: mailbox} | rewriteFrom.address: got 'mailbox'; expected a mail"
            + " address; write the address, or 'signIn: true': other devices have no mailbox here",
        "'rewriteFrom: {address: a@b.example, replyTo: nobody}' | rewriteFrom.replyTo: got"
            + " 'nobody'; expected none, original",
        "alowedSenders: a | alowedSenders: unknown key; expected allowedSenders, allowedRecipients,"
            + " maximumRecipients, maximumSize, messagesPerHour, recipientsPerDay, repairLineEnds,"
            + " rewriteFrom; did you mean 'allowedSenders'?"
      })
  void saysWhatIsWrong(String rule, String problem) {
    assertThat(
            problems(
                SMTP.formatted(", mail: {" + rule + "}"),
                "  - {to: ['mx.example:25'], action: bridge}"))
        .containsExactly("listeners[0].mail." + problem);
  }

  @ParameterizedTest
  @ValueSource(strings = {"imap", "pop3", "tls"})
  void isForSmtpOnly(String protocol) {
    assertThat(
            problems(
                SMTP.formatted(SENDERS).replace("protocol: smtp", "protocol: " + protocol),
                "  - {to: ['mx.example:25'], action: bridge}"))
        .containsExactly(
            "listeners[0].mail: the key has no effect here; it has rules for SMTP; write"
                + " 'protocol: smtp', or remove the key");
  }

  /** The issue: with a connector, any device could send as anyone of the organisation. */
  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "accept: fixed, origin: 'mx.example:25', protocol: smtp | mx.example:25",
        "accept: fixed, origin: 'mx.example:25', protocol: smtp, mail: {maximumSize: 1MB} |"
            + " mx.example:25",
        "accept: fixed, origin: 'mx.example:465', protocol: tls | mx.example:25",
        "accept: http-connect | mx.example:25",
        "accept: socks | mx.example:25",
        "accept: transparent | mx.example:25"
      })
  void aClientCertificateNeedsNamedSenders(String listener, String route) {
    assertThat(
            problems(
                "{name: a, bind: '127.0.0.1:0', profile: legacy, " + listener + "}",
                "  - {to: ['mx.example:25', 'mx.example:465'], action: bridge, "
                    + certificate
                    + "}"))
        .hasSize(1)
        .first()
        .asString()
        .startsWith(
            "listeners[0].mail.allowedSenders: missing, and the route to "
                + route
                + " presents a client certificate: each device could send as anyone in your"
                + " organization; expected a list of mail addresses; ")
        .contains("list the senders of these devices, such as [scanner@contoso.com]");
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "accept: fixed, origin: 'mx.example:25', protocol: smtp, mail: {allowedSenders:"
            + " ['@contoso.example']}",
        "accept: http-connect, mail: {allowedSenders: ['@contoso.example']}",
        "accept: fixed, origin: 'mx.example:993', protocol: imap",
        "accept: fixed, origin: 'mx.example:443'",
        "accept: fixed, origin: 'other.example:25', protocol: smtp"
      })
  void otherListenersNeedNone(String listener) throws Exception {
    load(
        "{name: a, bind: '127.0.0.1:0', profile: legacy, " + listener + "}",
        "  - {to: ['mx.example:25,443,993'], action: bridge, "
            + certificate
            + "}\n  - {to: ['other.example:25'], action: bridge}");
  }

  @Test
  void aClientCertificateForOtherPortsNeedsNone() throws Exception {
    load(
        "{name: a, bind: '127.0.0.1:0', profile: legacy, accept: http-connect}",
        "  - {to: ['mx.example:443,8443'], action: bridge, " + certificate + "}");
  }

  @Test
  void messagesCannotBeCheckedInATunnel() {
    assertThat(
            problems(
                SMTP.formatted(SENDERS + ", whenModern: tunnel"),
                "  - {to: ['mx.example:25'], action: bridge}"))
        .containsExactly(
            "listeners[0].whenModern: got 'tunnel'; expected bridge, or no key 'mail'; messages"
                + " cannot be checked in a tunnel");
    assertThat(problems(SMTP.formatted(SENDERS), "  - {to: ['mx.example:25'], action: tunnel}"))
        .hasSize(1)
        .first()
        .asString()
        .startsWith(
            "listeners[0].mail: messages cannot be checked; expected a route with 'action:"
                + " bridge'; ");
  }
}
