package org.tlsuplift.server.microsoft365;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.time.Instant;
import java.util.stream.Collectors;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import org.tlsuplift.proxy.outcome.OperatorException;

/** What is read of the web service's JSON. */
class ListJsonTest {
  private static final ListVersion VERSION = new ListVersion(2026112700L);

  private static PublishedList read(String json) throws OperatorException {
    return ListJson.read(Cloud.WORLDWIDE, VERSION, Instant.EPOCH, json);
  }

  @Test
  void readsAnEntryAndSkipsUnknownFields() throws Exception {
    PublishedList list =
        read(
            """
            [{"id": 2, "serviceArea": "Exchange", "newField": {"a": [1]}, "urls": ["a.example"],
              "ips": ["192.0.2.0/24", "2001:db8::/32"], "tcpPorts": "143, 587, 993", "required": true},
             {"id": 11, "serviceArea": "Skype", "ips": ["198.51.100.0/24"], "udpPorts": "3478"}]
            """);

    assertThat(list.entries()).hasSize(2);
    EndpointEntry mail = list.entries().get(0);
    assertThat(String.valueOf(mail.tcp())).isEqualTo("143,587,993");
    assertThat(mail.required()).isTrue();
    assertThat(list.names()).containsExactly("a.example");
    assertThat(list.blocks()).hasSize(3);
    EndpointEntry media = list.entries().get(1);
    assertThat(media.tcp()).isNull();
    assertThat(media.required()).isFalse();
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "{\"id\": \"7\", \"serviceArea\": \"Exchange\", \"urls\": \"a.example\", \"tcpPorts\": 443, \"required\": 1}",
        "{\"id\": 7.0, \"serviceArea\": \"Exchange\", \"urls\": [\"a.example\"], \"tcpPorts\": \"443\", \"required\": \"True\"}",
        "[{\"id\": 8, \"id\": \" 7 \", \"serviceArea\": \"Exchange\", \"ips\": null, \"urls\": \"a.example\", \"tcpPorts\": 443, \"required\": true}]",
      })
  void readsOneValueAsAListAndTextsAsNumbers(String json) throws Exception {
    EndpointEntry entry = read(json).entries().get(0);

    assertThat(entry.id()).isEqualTo(7);
    assertThat(String.valueOf(entry.tcp())).isEqualTo("443");
    assertThat(entry.required()).isTrue();
    assertThat(read(json).names()).containsExactly("a.example");
  }

  @ParameterizedTest
  @ValueSource(strings = {"null", "\"\"", "\" \"", "\"null\"", "0", "\"false\""})
  void anEntryIsNotRequiredByDefault(String required) throws Exception {
    String json = "[{\"id\": 1, \"serviceArea\": \"Exchange\", \"required\": " + required + "}]";

    assertThat(read(json).entries().get(0).required()).isFalse();
  }

  @Test
  void ignoresInvalidAndTooWideEntries() throws Exception {
    PublishedList list =
        read(
            """
            [{"id": 7, "serviceArea": "Exchange", "tcpPorts": "443",
              "urls": ["good.example", "*.good.example", "*.a.*.example", "a b", "*", "*.com", null],
              "ips": ["10.1.2.3/8", "0.0.0.0/0", "::/0", "2a01:111::/32"]}]
            """);

    assertThat(list.names()).containsExactly("good.example", "*.good.example");
    assertThat(list.blocks()).containsExactly("2a01:111:0:0:0:0:0:0/32");
    assertThat(list.ignored())
        .containsExactly(
            "set 7: '*.a.*.example'",
            "set 7: 'a b'",
            "set 7: '*'",
            "set 7: '*.com'",
            "set 7: 'null'",
            "set 7: '10.1.2.3/8'",
            "set 7: '0.0.0.0/0'",
            "set 7: '::/0'");
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "",
        "null",
        "[]",
        "{",
        "[{\"id\": 1, \"serviceArea\": \"Exchange\"}",
        "[{\"id\": 1, \"serviceArea\": \"Exchange\"}] trailing",
        "[{\"serviceArea\": \"Exchange\"}]",
        "[{\"id\": 1}]",
        "[null]",
        "[{\"id\": \"one\", \"serviceArea\": \"Exchange\"}]",
        "[{\"id\": true, \"serviceArea\": \"Exchange\"}]",
        "[{\"id\": 12345678901, \"serviceArea\": \"Exchange\"}]",
        "[{\"id\": 1, \"serviceArea\": \"Exchange\", \"required\": \"yes\"}]",
        "[{\"id\": 1, \"serviceArea\": [\"Exchange\"]}]",
        "[[{\"id\": 1, \"serviceArea\": \"Exchange\"}]]",
        "[{\"id\": 1, \"serviceArea\": \"Exchange\", \"urls\": [[\"a.example\"]]}]",
        "[{\"id\": 1, \"serviceArea\": \"Exchange\", \"urls\": {\"a\": 1}}]",
        "[{\"id\": 1, \"serviceArea\": \"Exchange\", \"tcpPorts\": \"99999\"}]",
        "<html>captive portal</html>"
      })
  void refusesInvalidLists(String json) {
    assertThatThrownBy(() -> read(json)).isInstanceOf(OperatorException.class);
  }

  @Test
  void quotesNothingOfAResponse() {
    assertThatThrownBy(() -> read("[{\"id\": 1, \"serviceArea\": Geheimnis}]"))
        .hasMessageStartingWith("it is not the expected JSON (line 1, ")
        .hasMessageNotContaining("Geheimnis");
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "{\"instance\":\"Worldwide\",\"latest\":\"2026112700\"}",
        "{\"instance\":\"worldwide\",\"latest\":\"2026112700\",\"serviceArea\":null,\"versions\":[\"2026112700\"]}",
        "[{\"instance\":\"China\",\"latest\":\"2025013000\"},{\"instance\":\"Worldwide\",\"latest\":\"2026112700\"}]"
      })
  void readsTheLatestVersionOfTheCloud(String json) throws Exception {
    assertThat(ListJson.readLatest(Cloud.WORLDWIDE, json)).contains(VERSION);
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "{\"instance\":\"China\",\"latest\":\"2026112700\"}",
        "{\"instance\":\"Worldwide\",\"latest\":\"202611270\"}",
        "{\"instance\":\"Worldwide\",\"latest\":\"20261127000\"}",
        "{\"instance\":\"Worldwide\",\"latest\":\"2026-11-27\"}",
        "{\"instance\":\"Worldwide\"}",
        "[null]",
        "[]"
      })
  void hasNoVersionWithoutTenDigitsOfTheCloud(String json) throws Exception {
    assertThat(ListJson.readLatest(Cloud.WORLDWIDE, json)).isEmpty();
  }

  @Test
  void aStoredListIsReadAsItWas() throws Exception {
    String json =
        "[{\"id\":1,\"serviceArea\":\"Common\",\"urls\":[\"a.example\"],\"tcpPorts\":\"443\"}]";
    Instant fetched = Instant.parse("2026-11-27T10:00:00Z");
    PublishedList list = ListJson.read(Cloud.CHINA, VERSION, fetched, json);

    assertThat(ListJson.readStored(Cloud.CHINA, ListJson.stored(list, fetched, json)))
        .isEqualTo(list);
  }

  @Test
  void aStoredListIsIndented() throws Exception {
    String json = "[{\"id\":1,\"serviceArea\":\"Common\"}]";
    PublishedList list = ListJson.read(Cloud.CHINA, VERSION, Instant.EPOCH, json);

    assertThat(ListJson.stored(list, Instant.EPOCH, json))
        .isEqualToNormalizingNewlines(
            """
            {
              "instance" : "China",
              "version" : "2026112700",
              "fetched" : "1970-01-01T00:00:00Z",
              "endpoints" : [{"id":1,"serviceArea":"Common"}]
            }""");
    assertThat(ListJson.state(new CheckState(null, Instant.EPOCH, VERSION, null)))
        .isEqualToNormalizingNewlines(
            """
            {
              "confirmed" : "1970-01-01T00:00:00Z",
              "version" : "2026112700"
            }""");
  }

  @ParameterizedTest
  @ValueSource(strings = {"", "null", "[]", "[null]", "{\"checked\": \"today\"}", "{} {}"})
  void refusesInvalidStates(String json) {
    assertThatThrownBy(() -> ListJson.readState(json)).isInstanceOf(OperatorException.class);
  }

  @Test
  void aVersionHasItsDay() {
    assertThat(VERSION.published()).isEqualTo("2026-11-27T00:00:00Z");
    assertThat(new ListVersion(0).published()).isEqualTo(Instant.EPOCH);
    assertThat(new ListVersion(0)).hasToString("0000000000");
    assertThat(ListVersion.parse("2026112701").orElseThrow().isAfter(VERSION)).isTrue();
    assertThat(
            java.util.stream.Stream.of("", "2026", "a026112700", "２０２６１１２７００")
                .map(ListVersion::parse)
                .collect(Collectors.toSet()))
        .containsOnly(java.util.Optional.empty());
  }
}
