package org.tlsuplift.server.log;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.time.Instant;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.tlsuplift.proxy.model.MessageOutcome;
import org.tlsuplift.proxy.model.SessionSummary;
import org.tlsuplift.server.audit.AuditRecord;
import org.tlsuplift.server.feature.Change;
import org.tlsuplift.server.inventory.messages.MessageRecord;
import org.tlsuplift.server.inventory.record.Trail;

/** What a line says, and that it stays one line whatever devices send. */
class LineFormatTest {
  private static final Map<String, String> WAYS = Map.of("web", "http-connect");
  private static final String HOSTILE =
      "a\"b\\\r\nfake line\u0085\u2028\u001b[31m\u007f\u009b\u202e";

  private final LineFormat json = new JsonLine(WAYS);
  private final LineFormat text = new TextLine(WAYS);

  @Test
  void jsonHasAllFieldsOfABridgedSession() throws IOException {
    assertThat(parsed(Sessions.bridged(42)))
        .isEqualTo(
            new ObjectMapper()
                .readTree(
                    """
                    {"started": "2026-11-24T09:15:02.120Z", "seconds": 1.25, "session": "0000002a",
                     "listener": "web", "wayIn": "http-connect",
                     "device": "192.0.2.77", "devicePort": 50123,
                     "target": "outlook.office365.com:443",
                     "action": "bridge", "reason": "device_closed",
                     "offered": {"versions": ["TLSv1"],
                                 "cipherSuites": ["TLS_RSA_WITH_AES_128_CBC_SHA"],
                                 "serverName": "outlook.office365.com",
                                 "ja4": "%s"},
                     "downstream": {"outcome": "completed", "version": "TLSv1",
                                    "cipherSuite": "TLS_RSA_WITH_AES_128_CBC_SHA", "seconds": 0.012},
                     "upstream": {"outcome": "completed", "version": "TLSv1.3", "group": "X25519MLKEM768",
                                  "cipherSuite": "TLS_AES_128_GCM_SHA256", "seconds": 0.025},
                     "bytesUp": 512, "bytesDown": 20480, "type": "session"}
                    """
                        .formatted(Sessions.JA4)));
  }

  @Test
  void jsonHasTheAgreedVersionOfATunnel() throws IOException {
    JsonNode line = parsed(Sessions.tunnelled(1));
    assertThat(line.at("/tunnelled/version").textValue()).isEqualTo("TLSv1.3");
    assertThat(line.at("/offered/applicationProtocols/0").textValue()).isEqualTo("h2");
    assertThat(line.has("downstream")).isFalse();
  }

  @Test
  void jsonOmitsUnknownFields() throws IOException {
    JsonNode line = parsed(Sessions.notAdmitted(1, "not admitted"));
    assertThat(line.get("detail").textValue()).isEqualTo("not admitted");
    assertThat(line.has("target")).isFalse();
    assertThat(line.has("offered")).isFalse();
  }

  @Test
  void jsonIsOneAsciiLineForHostileInput() throws IOException {
    SessionSummary session = Sessions.offering(List.of(0x002f), HOSTILE, List.of(HOSTILE));
    String line = new String(json.line(session), StandardCharsets.UTF_8);
    assertThat(line.chars().limit(line.length() - 1)).allMatch(c -> c >= ' ' && c < 0x7f);
    assertThat(line).endsWith("}\n");
    JsonNode parsed = new ObjectMapper().readTree(line);
    assertThat(parsed.at("/offered/serverName").textValue()).isEqualTo(HOSTILE);
  }

  private static MessageRecord message(String sender, String reply) {
    return Trail.message(
        "192.0.2.77",
        Instant.parse("2026-11-24T09:15:02.120Z"),
        sender,
        List.of("@fabrikam.com", "@x.example"),
        MessageOutcome.REFUSED,
        "too_large",
        reply);
  }

  @Test
  void aMessageIsALineOfItsOwnType() throws IOException {
    MessageRecord message = message("scanner@contoso.com", "552 5.3.4 \"too\" large");
    assertThat(new ObjectMapper().readTree(json.line(message)))
        .isEqualTo(
            new ObjectMapper()
                .readTree(
                    """
                    {"type": "message", "at": "2026-11-24T09:15:02.120Z", "seconds": 0.85,
                     "session": "0000002a", "listener": "submission", "device": "192.0.2.77",
                     "sender": "scanner@contoso.com", "recipients": ["@fabrikam.com", "@x.example"],
                     "recipientCount": 2, "acceptedRecipients": 0, "size": 52311,
                     "outcome": "refused", "refusal": "too_large",
                     "reply": "552 5.3.4 \\"too\\" large",
                     "deviceTls": "TLSv1", "originTls": "TLSv1.3"}
                    """));
    assertThat(new String(text.line(message), StandardCharsets.UTF_8))
        .isEqualTo(
            "2026-11-24T09:15:02.120Z 0000002a submission/- 192.0.2.77 message refused"
                + " from=<scanner@contoso.com> recipients=2 accepted=0 size=52311 TLSv1 > TLSv1.3"
                + " 0.85s refusal=too_large reply=\"552 5.3.4 \\\"too\\\" large\""
                + " to=@fabrikam.com,@x.example\n");
  }

  @Test
  void messageIsOneLineForHostileInput() {
    MessageRecord message = message(HOSTILE, HOSTILE);
    String asJson = new String(json.line(message), StandardCharsets.UTF_8);
    assertThat(asJson.chars().limit(asJson.length() - 1)).allMatch(c -> c >= ' ' && c < 0x7f);
    String asText = new String(text.line(message), StandardCharsets.UTF_8);
    assertThat(asText.lines()).hasSize(1);
    assertThat(asText).doesNotContain("\u001b", "\u202e", "\u2028", "\r");
  }

  @Test
  void jsonIsBounded() throws IOException {
    SessionSummary session =
        Sessions.offering(
            Collections.nCopies(30_000, 0x002f), null, Collections.nCopies(5_000, "h".repeat(255)));
    JsonNode offered = parsed(session).get("offered");
    assertThat(offered.get("cipherSuites")).hasSize(JsonLine.MAX_SUITES);
    assertThat(offered.get("cipherSuitesInAll").intValue()).isEqualTo(30_000);
    assertThat(offered.get("applicationProtocols")).hasSize(JsonLine.MAX_PROTOCOLS);
  }

  @Test
  void textHasTheFieldsInAFixedOrder() {
    assertThat(line(text, Sessions.bridged(42)))
        .isEqualTo(
            "2026-11-24T09:15:02.120Z 0000002a web/http-connect 192.0.2.77:50123 >"
                + " outlook.office365.com:443 bridge device_closed TLSv1 TLS_RSA_WITH_AES_128_CBC_SHA >"
                + " TLSv1.3 TLS_AES_128_GCM_SHA256 up=512 down=20480 1.25s ja4="
                + Sessions.JA4
                + " offered=\"TLSv1; TLS_RSA_WITH_AES_128_CBC_SHA; SNI outlook.office365.com; no"
                + " ALPN\"\n");
    assertThat(line(text, Sessions.tunnelled(1)))
        .contains(" tunnel origin_closed TLSv1.3 TLS_AES_128_GCM_SHA256 > same ");
  }

  @Test
  void textIsOneLineForHostileInput() {
    String line = line(text, Sessions.notAdmitted(1, HOSTILE));
    assertThat(line).endsWith("\n");
    assertThat(line.chars().limit(line.length() - 1))
        .noneMatch(Character::isISOControl)
        .doesNotContain((int) '\u2028', (int) '\u202e');
    assertThat(line).contains(" - > - deny device_not_admitted - > - up=".substring(4));
  }

  @Test
  void jsonHasThisExactForm() {
    assertThat(line(json, Sessions.bridged(42)))
        .isEqualTo(
            """
            {"started":"2026-11-24T09:15:02.120Z","seconds":1.25,"session":"0000002a","listener":"web","wayIn":"http-connect","device":"192.0.2.77","devicePort":50123,"target":"outlook.office365.com:443","action":"bridge","reason":"device_closed","offered":{"versions":["TLSv1"],"cipherSuites":["TLS_RSA_WITH_AES_128_CBC_SHA"],"serverName":"outlook.office365.com","ja4":"t10i020000_0123456789ab_000000000000"},"downstream":{"outcome":"completed","version":"TLSv1","cipherSuite":"TLS_RSA_WITH_AES_128_CBC_SHA","seconds":0.012},"upstream":{"outcome":"completed","version":"TLSv1.3","cipherSuite":"TLS_AES_128_GCM_SHA256","group":"X25519MLKEM768","seconds":0.025},"bytesUp":512,"bytesDown":20480,"type":"session"}
            """);
    assertThat(line(json, Sessions.tunnelled(1)))
        .isEqualTo(
            """
            {"started":"2026-11-24T09:15:02.120Z","seconds":1.25,"session":"00000001","listener":"web","wayIn":"http-connect","device":"192.0.2.77","devicePort":50123,"target":"outlook.office365.com:443","action":"tunnel","reason":"origin_closed","offered":{"versions":["TLSv1"],"cipherSuites":["TLS_AES_128_GCM_SHA256"],"serverName":"outlook.office365.com","applicationProtocols":["h2"],"ja4":"t10i020000_0123456789ab_000000000000"},"tunnelled":{"version":"TLSv1.3","cipherSuite":"TLS_AES_128_GCM_SHA256"},"bytesUp":512,"bytesDown":20480,"type":"session"}
            """);
    assertThat(line(json, Sessions.notAdmitted(1, "")))
        .isEqualTo(
            """
            {"started":"2026-11-24T09:15:02.120Z","seconds":1.25,"session":"00000001","listener":"web","wayIn":"http-connect","device":"192.0.2.77","devicePort":50123,"action":"deny","reason":"device_not_admitted","bytesUp":512,"bytesDown":20480,"type":"session"}
            """);
    String oneSuite =
        line(json, Sessions.failed(HOSTILE)).replace("\"TLS_RSA_WITH_AES_128_CBC_SHA\",", "");
    assertThat(oneSuite)
        .isEqualTo(
            """
            {"started":"2026-11-24T09:15:02.120Z","seconds":1.25,"session":"00000001","listener":"web","wayIn":"http-connect","device":"192.0.2.77","devicePort":50123,"target":"outlook.office365.com:443","action":"bridge","reason":"device_closed","detail":"a\\"b\\\\\\r\\nfake line\\u0085\\u2028\\u001B[31m\\u007F\\u009B\\u202E","offered":{"ssl2Framing":true,"versions":[],"cipherSuites":["TLS_RSA_WITH_AES_128_CBC_SHA"],"cipherSuitesInAll":101,"ja4":"t10i020000_0123456789ab_000000000000"},"downstream":{"outcome":"no_shared_version","seconds":12345.678},"upstream":{"outcome":"completed","version":"TLSv1.2","cipherSuite":"TLS_AES_128_GCM_SHA256","applicationProtocol":"http/1.1","seconds":0.0},"bytesUp":512,"bytesDown":20480,"type":"session"}
            """);
  }

  private JsonNode parsed(SessionSummary session) throws IOException {
    return new ObjectMapper().readTree(json.line(session));
  }

  private static String line(LineFormat format, SessionSummary session) {
    return new String(format.line(session), StandardCharsets.UTF_8);
  }

  private static AuditRecord audit(String who, String after) {
    return AuditRecord.of(
        Instant.parse("2026-11-24T09:15:02.120Z"),
        who,
        "administrator",
        "10.1.2.3",
        AuditRecord.Via.PAGES,
        "configuration.reload",
        Change.done("", "", after));
  }

  @Test
  void anAuditRecordIsALineOfItsOwnType() throws IOException {
    AuditRecord written = audit("boss", "changed: routes");
    assertThat(new ObjectMapper().readTree(json.line(written)))
        .isEqualTo(
            new ObjectMapper()
                .readTree(
                    """
                    {"type": "audit", "at": "2026-11-24T09:15:02.120Z", "id": "%s",
                     "action": "configuration.reload", "result": "done", "who": "boss",
                     "role": "administrator", "from": "10.1.2.3", "via": "pages",
                     "after": "changed: routes"}
                    """
                        .formatted(written.id())));
    assertThat(new String(text.line(written), StandardCharsets.UTF_8))
        .isEqualTo(
            "2026-11-24T09:15:02.120Z audit configuration.reload done who=boss role=administrator"
                + " from=10.1.2.3 via=pages after=\"changed: routes\"\n");
  }

  @Test
  void anAuditRecordHasTheSubjectThePartAndTheInstance() throws IOException {
    AuditRecord written =
        AuditRecord.of(
                Instant.parse("2026-11-24T09:15:02.120Z"),
                new AuditRecord.Actor(
                    "=cmd role=x",
                    "https://idp.example a \"b",
                    "operator",
                    "10.1.2.3",
                    AuditRecord.Via.PAGES),
                "accounts.import",
                List.of(Change.done("fax", "", "x".repeat(9_000)), Change.done("one", "a", "b")))
            .get(0)
            .withInstance("gate-1:9464");
    JsonNode parsed = new ObjectMapper().readTree(json.line(written));
    assertThat(parsed.get("subject").asText()).isEqualTo("https://idp.example a \"b");
    assertThat(parsed.get("part").asText()).isEqualTo("1 of 2");
    assertThat(parsed.get("instance").asText()).isEqualTo("gate-1:9464");
    assertThat(parsed.get("after").asText()).hasSize(9_000);
    assertThat(new String(text.line(written), StandardCharsets.UTF_8))
        .isEqualTo(
            "2026-11-24T09:15:02.120Z audit accounts.import done who==cmd_role=x role=operator"
                + " from=10.1.2.3 via=pages subject=\"https://idp.example a \\\"b\""
                + " instance=\"gate-1:9464\" object=\"fax\" part=\"1 of 2\" after=\""
                + "x".repeat(9_000)
                + "\"\n");
  }

  @Test
  void anAuditRecordIsOneLineForHostileInput() {
    AuditRecord written = audit(HOSTILE, HOSTILE);
    assertThat(new String(json.line(written), StandardCharsets.UTF_8).lines()).hasSize(1);
    assertThat(new String(text.line(written), StandardCharsets.UTF_8).lines()).hasSize(1);
  }
}
