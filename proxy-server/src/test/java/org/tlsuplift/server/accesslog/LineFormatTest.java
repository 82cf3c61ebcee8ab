package org.tlsuplift.server.accesslog;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.tlsuplift.proxy.model.SessionSummary;

/** What a line says, and that it stays one line whatever devices send. */
class LineFormatTest {
  private static final Map<String, String> WAYS = Map.of("web", "http-connect");
  private static final String HOSTILE =
      "a\"b\\\r\nfake line\u0085\u2028\u001b[31m\u007f\u009b\u202e";

  private final LineFormat json = new JsonLine(WAYS);
  private final LineFormat text = new TextLine(WAYS);

  @Test
  void jsonSaysAllThatIsKnownOfABridge() throws IOException {
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
                     "upstream": {"outcome": "completed", "version": "TLSv1.3",
                                  "cipherSuite": "TLS_AES_128_GCM_SHA256", "seconds": 0.025},
                     "bytesUp": 512, "bytesDown": 20480}
                    """
                        .formatted(Sessions.JA4)));
  }

  @Test
  void jsonSaysWhatWasAgreedInATunnel() throws IOException {
    JsonNode line = parsed(Sessions.tunnelled(1));
    assertThat(line.at("/tunnelled/version").textValue()).isEqualTo("TLSv1.3");
    assertThat(line.at("/offered/applicationProtocols/0").textValue()).isEqualTo("h2");
    assertThat(line.has("downstream")).isFalse();
  }

  @Test
  void jsonLeavesOutWhatIsNotKnown() throws IOException {
    JsonNode line = parsed(Sessions.turnedAway(1, "not admitted"));
    assertThat(line.get("detail").textValue()).isEqualTo("not admitted");
    assertThat(line.has("target")).isFalse();
    assertThat(line.has("offered")).isFalse();
  }

  @Test
  void jsonStaysOneLineOfAsciiWhateverDevicesSend() throws IOException {
    SessionSummary session = Sessions.offering(List.of(0x002f), HOSTILE, List.of(HOSTILE));
    String line = new String(json.line(session), StandardCharsets.UTF_8);
    assertThat(line.chars().limit(line.length() - 1)).allMatch(c -> c >= ' ' && c < 0x7f);
    assertThat(line).endsWith("}\n");
    JsonNode parsed = new ObjectMapper().readTree(line);
    assertThat(parsed.at("/offered/serverName").textValue()).isEqualTo(HOSTILE);
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
  void textSaysTheSameInWords() {
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
  void textStaysOneLineWhateverDevicesSend() {
    String line = line(text, Sessions.turnedAway(1, HOSTILE));
    assertThat(line).endsWith("\n");
    assertThat(line.chars().limit(line.length() - 1))
        .noneMatch(Character::isISOControl)
        .doesNotContain((int) '\u2028', (int) '\u202e');
    assertThat(line).contains(" - > - deny device_not_admitted - > - up=".substring(4));
  }

  private JsonNode parsed(SessionSummary session) throws IOException {
    return new ObjectMapper().readTree(json.line(session));
  }

  private static String line(LineFormat format, SessionSummary session) {
    return new String(format.line(session), StandardCharsets.UTF_8);
  }
}
