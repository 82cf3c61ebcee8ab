package org.tlsuplift.server.config;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.time.Duration;
import java.util.List;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;
import org.tlsuplift.proxy.mail.LineEnds;
import org.tlsuplift.proxy.mail.MailPolicy;
import org.tlsuplift.proxy.mail.RewriteFrom;
import org.tlsuplift.proxy.testing.ClientAuthority;
import org.tlsuplift.server.config.binding.ConfigProblem;
import org.tlsuplift.server.config.binding.InvalidConfigException;
import org.tlsuplift.server.spool.SpoolSection;
import org.tlsuplift.server.testing.SchemaAgreement;

/** The rules for messages. */
class MailPolicyConfigTest {
  private static final String SMTP =
      "{name: a, bind: '127.0.0.1:0', accept: fixed, origin: 'mx.example:587', protocol: smtp,"
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
    return load(SMTP.formatted(", mail: " + mail), "  - {to: ['mx.example:587'], action: bridge}")
        .listeners()
        .get(0)
        .mail()
        .policy();
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
  void omittedRulesHaveNoEffect() throws Exception {
    assertThat(policy("{messagesPerHour: 1}"))
        .isEqualTo(new MailPolicy(List.of(), List.of(), 0, 0, 1, 0, LineEnds.PASS, null));
    assertThat(policy("{rewriteFrom: {address: a@b.example}}").rewriteFrom())
        .isEqualTo(new RewriteFrom("a@b.example", null, RewriteFrom.ReplyTo.NONE));
  }

  @ParameterizedTest
  @CsvSource({"true,REPAIR", "false,PASS", "refuse,REFUSE", "'true',REPAIR"})
  void readsLineEndsAsFlagOrText(String value, LineEnds meant) throws Exception {
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
            + " rewriteFrom, spool; did you mean 'allowedSenders'?"
      })
  void explainsErrors(String rule, String problem) {
    assertThat(
            problems(
                SMTP.formatted(", mail: {" + rule + "}"),
                "  - {to: ['mx.example:587'], action: bridge}"))
        .containsExactly("listeners[0].mail." + problem);
  }

  @ParameterizedTest
  @ValueSource(strings = {"imap", "pop3", "tls"})
  void isForSmtpOnly(String protocol) {
    assertThat(
            problems(
                SMTP.formatted(SENDERS).replace("protocol: smtp", "protocol: " + protocol),
                "  - {to: ['mx.example:587'], action: bridge}"))
        .containsExactly(
            "listeners[0].mail: the key has no effect here; it has rules for SMTP; write"
                + " 'protocol: smtp', or remove the key");
  }

  /** With a connector, any device could send as anyone of the organization. */
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
        "accept: fixed, origin: 'other.example:587', protocol: smtp"
      })
  void otherListenersNeedNoSenders(String listener) throws Exception {
    load(
        "{name: a, bind: '127.0.0.1:0', profile: legacy, " + listener + "}",
        "  - {to: ['mx.example:25,443,993'], action: bridge, "
            + certificate
            + "}\n  - {to: ['other.example:587'], action: bridge}");
  }

  @Test
  void aClientCertificateForOtherPortsNeedsNoSenders() throws Exception {
    load(
        "{name: a, bind: '127.0.0.1:0', profile: legacy, accept: http-connect}",
        "  - {to: ['mx.example:443,8443'], action: bridge, " + certificate + "}");
  }

  /** An MX host asks for no sign-in, so each device could send as anyone. */
  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "accept: fixed, origin: 'mx.example:25', protocol: smtp | '' | false",
        "accept: fixed, origin: 'mx.example:25', protocol: smtp, mail: {maximumSize: 1MB} | '' | false",
        "accept: fixed, origin: 'mx.example:25', protocol: smtp, signIn: true | '' | false",
        "accept: fixed, origin: 'mx.example:25', protocol: smtp, upstreamTls: implicit | '' | false",
        "accept: fixed, origin: 'mx.example:25' | 'protocol: smtp', and | false",
        "accept: fixed, origin: 'mx.example:25', protocol: imap | 'protocol: smtp', and | false",
        "accept: http-connect | '' | true",
        "accept: http-connect, mail: {rewriteFrom: {address: a@b.example}} | '' | true",
        "accept: socks | '' | true",
        "accept: transparent | '' | true"
      })
  void port25NeedsNamedSenders(String listener, String protocol, boolean open) {
    for (String action : List.of("bridge", "tunnel")) {
      for (String to : List.of("mx.example:25", "*:*", "*.example:20-30")) {
        String sender = "the senders of these devices, such as [scanner@contoso.com]; ";
        assertThat(
                problems(
                    "{name: a, bind: '127.0.0.1:0', profile: legacy, " + listener + "}",
                    "  - {to: ['mx.example:443'], action: bridge}\n"
                        + "  - {to: ['%s'], action: %s}".formatted(to, action)))
            .filteredOn(
                problem -> !problem.contains("signIn") && !problem.contains("'action: bridge'"))
            .containsExactly(
                "listeners[0].mail.allowedSenders: missing; expected "
                    + (protocol.isEmpty() ? "" : protocol + " ")
                    + sender
                    + (open ? "or leave port 25 out of routes[1] ('" + to + "'): " : "")
                    + "mail servers ask for no sign-in on port 25, so each device could send as"
                    + " anyone");
      }
    }
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "['microsoft365:mx']",
        "['microsoft365:all']",
        "[microsoft365, 'smtp.office365.com:25']",
        "['0.0.0.0/0:25']",
        "['[::/0]:*']"
      })
  void listAndBlockWithPort25NeedNamedSenders(String to) throws Exception {
    String open = "{name: a, bind: '127.0.0.1:0', profile: legacy, accept: transparent%s}";
    String route = "  - {to: " + to + ", action: bridge}";
    assertThat(problems(open.formatted(""), route))
        .singleElement()
        .asString()
        .contains("routes[0] (");
    load(open.formatted(SENDERS), route);
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "microsoft365",
        "'microsoft365:exchange'",
        "'microsoft365:hve'",
        "'*.example:26-65535'"
      })
  void otherPortsNeedNoNamedSenders(String to) throws Exception {
    load(
        "{name: a, bind: '127.0.0.1:0', profile: legacy, accept: socks}",
        "  - {to: [" + to + "], action: bridge}");
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "*:25 | *:* | true",
        "*:* | mx.example:25 | true",
        "*.example:25,587 | *.example:25 | true",
        "*.example:25 | mx.example:25 | true",
        "*.example:25 | *:25 | false",
        "0.0.0.0/0:25 | *:25 | false",
        "mx.example:25 | *.example:25 | false",
        "*:587 | mx.example:25 | false",
      })
  void routeThatDeniesPort25FirstIsEnough(String denied, String allowed, boolean enough)
      throws Exception {
    String listener = "{name: a, bind: '127.0.0.1:0', profile: legacy, accept: http-connect}";
    String deny = "  - {to: ['%s'], action: deny}".formatted(denied);
    String allow = "  - {to: ['%s'], action: bridge}".formatted(allowed);
    if (enough) {
      load(listener, deny + "\n" + allow);
    } else {
      assertThat(problems(listener, deny + "\n" + allow))
          .singleElement()
          .asString()
          .contains("routes[1] (");
    }
    assertThat(problems(listener, allow + "\n" + deny))
        .singleElement()
        .asString()
        .contains("routes[0] (");
  }

  /** A body of HTTP with lines of SMTP: some servers skip the lines that they do not know. */
  @ParameterizedTest
  @ValueSource(strings = {"mx.example:25", "*:*", "10.0.0.0/8:20-30"})
  void plainHttpIsNotForwardedToPort25(String to) {
    assertThat(
            problems(
                "{name: a, bind: '127.0.0.1:0', profile: legacy, accept: http-connect}",
                "  - {to: ['" + to + "'], action: forward}"))
        .singleElement()
        .asString()
        .startsWith("routes[0].to[0]: got '" + to + "'; ")
        .endsWith(
            "leave out port 25: mail servers may execute the text of an HTTP request as SMTP"
                + " commands");
  }

  @Test
  void originOnAnMxHostIsNotInTheMainList() {
    assertThat(
            problems(
                "{name: a, bind: '127.0.0.1:0', accept: fixed, profile: legacy, protocol: smtp,"
                    + " origin: 'contoso-com.mail.protection.outlook.com:25'"
                    + SENDERS
                    + "}",
                "  - {to: [microsoft365], action: bridge}"))
        .containsExactly(
            "listeners[0].origin: got 'contoso-com.mail.protection.outlook.com:25'; expected an"
                + " origin that a route allows; add 'contoso-com.mail.protection.outlook.com:25' to"
                + " 'routes': only 'microsoft365:mx' has port 25");
  }

  private static List<MailPolicy> policies(String ofAll, String... listeners) throws Exception {
    return load(
            String.join("\n  - ", listeners),
            "  - {to: ['mx.example:*'], action: bridge}\nmail: " + ofAll)
        .listeners()
        .stream()
        .map(listener -> listener.mail() == null ? null : listener.mail().policy())
        .toList();
  }

  @Test
  void rulesOfAllListenersHoldWhereThereAreNoOthers() throws Exception {
    List<MailPolicy> policies =
        policies(
            "{allowedSenders: ['@contoso.example'], maximumSize: 1MB}",
            "{name: a, bind: '127.0.0.1:0', profile: legacy, accept: http-connect, whenModern: tunnel}",
            "{name: b, bind: '127.0.0.1:0', profile: legacy, accept: fixed, origin: 'mx.example:25', protocol: smtp}",
            "{name: c, bind: '127.0.0.1:0', profile: legacy, accept: socks, mail: {allowedSenders: [a@b.example]}}",
            "{name: d, bind: '127.0.0.1:0', profile: legacy, accept: fixed, origin: 'mx.example:587', protocol: smtp, mail: {}}",
            "{name: e, bind: '127.0.0.1:0', profile: legacy, accept: fixed, origin: 'mx.example:443'}",
            "{name: f, bind: '127.0.0.1:0', profile: legacy, accept: fixed, origin: 'mx.example:993', protocol: imap}");
    MailPolicy ofAll =
        new MailPolicy(
            List.of("@contoso.example"), List.of(), 0, 1L << 20, 0, 0, LineEnds.PASS, null);
    assertThat(policies)
        .containsExactly(
            ofAll,
            ofAll,
            new MailPolicy(List.of("a@b.example"), List.of(), 0, 0, 0, 0, LineEnds.PASS, null),
            MailPolicy.NONE,
            null,
            null);
  }

  @Test
  void rulesOfAllListenersAreCheckedOnce() {
    String two = SMTP.formatted("") + "\n  - " + SMTP.replace("name: a", "name: b").formatted("");
    String route = "  - {to: ['mx.example:*'], action: bridge}\n";
    assertThat(problems(two, route + "mail: {allowedSenders: [contoso.example]}"))
        .singleElement()
        .asString()
        .startsWith("mail.allowedSenders[0]: got 'contoso.example'");
    assertThat(problems(two, route + "mail: {rewriteFrom: {address: mailbox}}"))
        .containsExactly(
            "mail.rewriteFrom.address: got 'mailbox'; expected a mail address; write the address,"
                + " or give listener 'a' a 'mail' of its own: its devices have no mailbox here");
    assertThat(problems(SMTP.formatted(", whenModern: tunnel"), route + "mail: {maximumSize: 1MB}"))
        .singleElement()
        .asString()
        .startsWith("listeners[0].whenModern: got 'tunnel'");
  }

  @Test
  void rulesOfAllListenersWithoutSendersDoNotOpenPort25() {
    assertThat(
            problems(
                SMTP.formatted("").replace(":587", ":25"),
                "  - {to: ['mx.example:25'], action: bridge}\nmail: {maximumSize: 1MB}"))
        .singleElement()
        .asString()
        .startsWith("listeners[0].mail.allowedSenders: missing");
  }

  @Test
  void spoolNeedsAListenerWithAFixedOrigin() throws Exception {
    String route = "  - {to: ['mx.example:587'], action: bridge}\n";
    String web = "{name: w, bind: '127.0.0.1:0', profile: legacy, accept: http-connect%s}";
    assertThat(
            load(SMTP.formatted(", mail: {spool: {when: always, keep: 4d}}"), route)
                .listeners()
                .get(0)
                .mail()
                .spool())
        .isEqualTo(new SpoolSection(SpoolSection.When.ALWAYS, Duration.ofDays(4), 1L << 30, null));
    assertThat(problems(web.formatted(", mail: {spool: {when: unavailable}}"), route))
        .containsExactly(
            "listeners[0].mail.spool: listener 'w' has no fixed origin; expected a listener with"
                + " 'accept: fixed' and 'protocol: smtp'; move 'spool' to the 'mail' of such a listener");
    assertThat(
            problems(
                SMTP.formatted("") + "\n  - " + web.formatted(""),
                route + "mail: {spool: {when: always}}"))
        .singleElement()
        .asString()
        .startsWith("mail.spool: listener 'w' has no fixed origin");
    assertThat(problems(SMTP.formatted(", mail: {spool: {keep: 1d}}"), route))
        .singleElement()
        .asString()
        .startsWith("listeners[0].mail.spool.when: missing");
    assertThat(
            problems(SMTP.formatted(", mail: {spool: {when: always}}, whenModern: tunnel"), route))
        .singleElement()
        .asString()
        .startsWith("listeners[0].whenModern: got 'tunnel'");
  }

  @Test
  void messagesCannotBeCheckedInATunnel() {
    assertThat(
            problems(
                SMTP.formatted(SENDERS + ", whenModern: tunnel"),
                "  - {to: ['mx.example:587'], action: bridge}"))
        .containsExactly(
            "listeners[0].whenModern: got 'tunnel'; expected bridge, or no key 'mail'; messages"
                + " cannot be checked in a tunnel");
    assertThat(problems(SMTP.formatted(SENDERS), "  - {to: ['mx.example:587'], action: tunnel}"))
        .hasSize(1)
        .first()
        .asString()
        .startsWith(
            "listeners[0].mail: messages cannot be checked; expected a route with 'action:"
                + " bridge'; ");
  }
}
