package org.tlsuplift.server.inventory;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.StringWriter;
import java.time.Instant;
import java.time.LocalDate;
import java.util.List;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import org.junit.jupiter.api.Test;
import org.tlsuplift.proxy.model.TlsVersion;

/** Whatever a device calls itself, CSV and JSON stay what they are. */
class DeviceExportTest {
  @Test
  void csvCellIsQuotedAndNoFormula() {
    assertThat(DeviceCsv.cell("printer")).isEqualTo("printer");
    assertThat(DeviceCsv.cell("a,b")).isEqualTo("\"a,b\"");
    assertThat(DeviceCsv.cell("say \"hi\"")).isEqualTo("\"say \"\"hi\"\"\"");
    assertThat(DeviceCsv.cell("=cmd|' /C calc'!A0")).isEqualTo("'=cmd|' /C calc'!A0");
    assertThat(DeviceCsv.cell("@SUM(A1,A2)")).isEqualTo("\"'@SUM(A1,A2)\"");
    for (String text : List.of("a;=1+1", ";;-1", "\uff1dSUM(A1)", "=1;@x")) {
      assertThat(DeviceCsv.cell(text)).doesNotContainPattern("(^|;)[=@\uff1d-]");
      assertThat(DeviceCsv.plain(DeviceCsv.cell(text))).isEqualTo(text);
    }
    assertThat(DeviceCsv.cell("owner=old; tags=vip")).isEqualTo("owner=old; tags=vip");
    assertThat(List.of("+1", "-1", "\tx")).allMatch(text -> DeviceCsv.cell(text).startsWith("'"));
  }

  @Property
  void csvCellParsesBackToItsText(@ForAll String text) {
    String cell = DeviceCsv.cell(text);
    boolean quoted = cell.startsWith("\"");
    String read = quoted ? cell.substring(1, cell.length() - 1).replace("\"\"", "\"") : cell;
    assertThat(List.of(read, DeviceCsv.plain(read))).contains(text);
    if (!quoted) {
      assertThat(cell).doesNotContain(",", "\"", "\n", "\r");
    }
    if (!read.isEmpty()) {
      assertThat("=+-@\t\r\n").doesNotContain(read.substring(0, 1));
    }
  }

  @Test
  void aLineOfCsvHasACellForEachColumn() {
    assertThat(DeviceCsv.line(device("harmless")).split(",", -1))
        .hasSameSizeAs(DeviceCsv.HEADER.split(","));
  }

  @Property
  void jsonParsesBackAndIsHarmlessInHtml(@ForAll String text) throws Exception {
    StringWriter written = new StringWriter();
    DeviceJson.write(consumer -> consumer.accept(device(text)), written);
    JsonNode read = new ObjectMapper().readTree(written.toString()).get(0);
    assertThat(read.path("introduction").asText("")).isEqualTo(text);
    assertThat(read.path("destinations").get(0).asText()).isEqualTo(text);
    assertThat(written.toString().chars()).allMatch(c -> c < 0x7f && "<>&'".indexOf(c) < 0);
  }

  @Test
  void aListAsJson() throws Exception {
    assertThat(list()).isEqualTo("[ ]");
    assertThat(list(bare(), device("<\u00e4\ud83d\ude00\u007f'&>\n\"\\/")))
        .isEqualTo(
            """
            [ {
              "address" : "::1",
              "verdict" : "unknown",
              "verdictText" : "unknown: no session reached TLS",
              "firstSeen" : "2026-11-24T09:15:02.120Z",
              "lastSeen" : "2026-11-24T09:15:00Z",
              "sessions" : 7,
              "legacyHandshakes" : 0,
              "modernHandshakes" : 0,
              "plaintextSessions" : 0,
              "failures" : 5,
              "bytesUp" : 9223372036854775807,
              "bytesDown" : 0,
              "ssl2Hellos" : 0,
              "introduction" : " #first",
              "latestFailure" : "no_route",
              "latestFailureAt" : "2026-11-24T09:15:02Z",
              "trustsCa" : "unknown",
              "listeners" : [ ],
              "waysIn" : [ ],
              "destinations" : [ ]
            }, {
              "address" : "10.0.0.1",
              "name" : "\\u003C\\u00E4\\uD83D\\uDE00\\u007F\\u0027\\u0026\\u003E\\n\\"\\\\/",
              "owner" : "\\u003C\\u00E4\\uD83D\\uDE00\\u007F\\u0027\\u0026\\u003E\\n\\"\\\\/",
              "tags" : [ "printers", "vip" ],
              "note" : "\\u003C\\u00E4\\uD83D\\uDE00\\u007F\\u0027\\u0026\\u003E\\n\\"\\\\/",
              "verdict" : "too_old",
              "verdictText" : "needs upgrade: TLS 1.0 only",
              "firstSeen" : "1970-01-01T00:00:00Z",
              "lastSeen" : "1970-01-01T00:00:00Z",
              "sessions" : 1,
              "legacyHandshakes" : 1,
              "modernHandshakes" : 0,
              "plaintextSessions" : 0,
              "failures" : 0,
              "bytesUp" : 10,
              "bytesDown" : 20,
              "ssl2Hellos" : 0,
              "worstVersion" : "TLSv1",
              "latestVersion" : "TLSv1",
              "latestSuite" : "TLS_RSA_WITH_AES_128_CBC_SHA",
              "offeredVersion" : "TLSv1",
              "ja4" : "t10d",
              "serverName" : "\\u003C\\u00E4\\uD83D\\uDE00\\u007F\\u0027\\u0026\\u003E\\n\\"\\\\/",
              "introduction" : "\\u003C\\u00E4\\uD83D\\uDE00\\u007F\\u0027\\u0026\\u003E\\n\\"\\\\/",
              "trustsCa" : "yes",
              "listeners" : [ "web" ],
              "waysIn" : [ "http-connect" ],
              "destinations" : [ "\\u003C\\u00E4\\uD83D\\uDE00\\u007F\\u0027\\u0026\\u003E\\n\\"\\\\/" ]
            } ]\
            """);
  }

  private static String list(DeviceRecord... devices) throws Exception {
    StringWriter written = new StringWriter();
    DeviceJson.write(
        consumer -> {
          for (DeviceRecord device : devices) {
            consumer.accept(device);
          }
        },
        written);
    return written.toString();
  }

  @Test
  void aHistoryAsJson() throws Exception {
    StringWriter written = new StringWriter();
    Instant first = Instant.parse("2026-11-24T09:15:00Z");
    Instant last = Instant.parse("2026-11-24T09:15:02.120Z");
    DeviceJson.write(
        new DeviceHistory(
            bare(),
            List.of(
                new DeviceHistory.Fact(FactKind.FAILURE, "no_route", first, last, 3),
                new DeviceHistory.Fact(FactKind.VERSION, "TLSv1", first, last, 2),
                new DeviceHistory.Fact(FactKind.VERSION, "TLSv1.2", first, first, 1),
                new DeviceHistory.Fact(FactKind.JA4, "", first, last, 1)),
            List.of(
                new DeviceHistory.Day(LocalDate.of(2026, 11, 24), 6, 1, 2, 3, 4, "TLSv1"),
                new DeviceHistory.Day(LocalDate.of(2026, 11, 23), 1, 0, 0, 0, 1, null))),
        written);
    assertThat(written.toString())
        .isEqualTo(
            """
            {
              "address" : "::1",
              "verdict" : "unknown",
              "verdictText" : "unknown: no session reached TLS",
              "firstSeen" : "2026-11-24T09:15:02.120Z",
              "lastSeen" : "2026-11-24T09:15:00Z",
              "sessions" : 7,
              "legacyHandshakes" : 0,
              "modernHandshakes" : 0,
              "plaintextSessions" : 0,
              "failures" : 5,
              "bytesUp" : 9223372036854775807,
              "bytesDown" : 0,
              "ssl2Hellos" : 0,
              "introduction" : " #first",
              "latestFailure" : "no_route",
              "latestFailureAt" : "2026-11-24T09:15:02Z",
              "trustsCa" : "unknown",
              "listeners" : [ ],
              "waysIn" : [ ],
              "destinations" : [ ],
              "seen" : {
                "version" : [ {
                  "value" : "TLSv1",
                  "times" : 2,
                  "firstSeen" : "2026-11-24T09:15:00Z",
                  "lastSeen" : "2026-11-24T09:15:02.120Z"
                }, {
                  "value" : "TLSv1.2",
                  "times" : 1,
                  "firstSeen" : "2026-11-24T09:15:00Z",
                  "lastSeen" : "2026-11-24T09:15:00Z"
                } ],
                "ja4" : [ {
                  "value" : "",
                  "times" : 1,
                  "firstSeen" : "2026-11-24T09:15:00Z",
                  "lastSeen" : "2026-11-24T09:15:02.120Z"
                } ],
                "failure" : [ {
                  "value" : "no_route",
                  "times" : 3,
                  "firstSeen" : "2026-11-24T09:15:00Z",
                  "lastSeen" : "2026-11-24T09:15:02.120Z"
                } ]
              },
              "problems" : [ {
                "kind" : "failure",
                "problem" : "no_route",
                "origin" : "a.example:443",
                "lastSeen" : "2026-11-24T09:15:02Z",
                "ended" : true
              } ],
              "days" : [ {
                "day" : "2026-11-24",
                "sessions" : 6,
                "legacyHandshakes" : 1,
                "modernHandshakes" : 2,
                "plaintextSessions" : 3,
                "failures" : 4,
                "worstVersion" : "TLSv1"
              }, {
                "day" : "2026-11-23",
                "sessions" : 1,
                "legacyHandshakes" : 0,
                "modernHandshakes" : 0,
                "plaintextSessions" : 0,
                "failures" : 1
              } ]
            }\
            """);
    StringWriter without = new StringWriter();
    DeviceJson.write(new DeviceHistory(device("a"), List.of(), List.of()), without);
    assertThat(without.toString())
        .endsWith("\"seen\" : { },\n  \"problems\" : [ ],\n  \"days\" : [ ]\n}");
  }

  @Test
  void aListAsCsv() {
    assertThat(DeviceCsv.line(device("a \"b\", c")))
        .isEqualTo(
            """
            10.0.0.1,"a ""b"", c",too_old,needs upgrade: TLS 1.0 only,1970-01-01T00:00:00Z,1970-01-01T00:00:00Z,1,1,0,0,0,10,20,0,TLSv1,TLSv1,TLS_RSA_WITH_AES_128_CBC_SHA,TLSv1,t10d,,"a ""b"", c","a ""b"", c",,,yes,web,http-connect,"a ""b"", c","a ""b"", c",,printers vip,"a ""b"", c"\
            """);
    assertThat(DeviceCsv.line(bare()))
        .isEqualTo(
            """
            ::1,,unknown,unknown: no session reached TLS,2026-11-24T09:15:02.120Z,2026-11-24T09:15:00Z,7,0,0,0,5,9223372036854775807,0,0,,,,,,,, #first,no_route,2026-11-24T09:15:02Z,unknown,,,,,,,\
            """);
  }

  /** A device of which only the time is known when it was seen. */
  private static DeviceRecord bare() {
    return new DeviceRecord(
        "::1",
        "",
        "",
        DeviceNotes.NONE,
        Verdict.UNKNOWN,
        "unknown: no session reached TLS",
        Instant.parse("2026-11-24T09:15:02.120Z"),
        Instant.parse("2026-11-24T09:15:00Z"),
        7,
        0,
        0,
        0,
        5,
        Long.MAX_VALUE,
        0,
        0,
        null,
        null,
        "",
        null,
        null,
        "",
        "",
        "",
        " #first",
        "no_route",
        Instant.parse("2026-11-24T09:15:02Z"),
        List.of(
            new DeviceProblem(
                FactKind.FAILURE,
                "no_route",
                "a.example:443",
                Instant.parse("2026-11-24T09:15:02Z"),
                true)),
        null,
        DeviceRecord.Trust.UNKNOWN,
        List.of(),
        List.of(),
        List.of());
  }

  static DeviceRecord device(String hostile) {
    return new DeviceRecord(
        "10.0.0.1",
        hostile,
        hostile,
        new DeviceNotes(hostile, "", List.of("printers", "vip"), hostile),
        Verdict.TOO_OLD,
        "needs upgrade: TLS 1.0 only",
        Instant.EPOCH,
        Instant.EPOCH,
        1,
        1,
        0,
        0,
        0,
        10,
        20,
        0,
        "TLSv1",
        "TLSv1",
        "TLS_RSA_WITH_AES_128_CBC_SHA",
        "TLSv1",
        TlsVersion.TLS_1_0,
        "t10d",
        "",
        hostile,
        hostile,
        "",
        null,
        List.of(),
        null,
        DeviceRecord.Trust.YES,
        List.of("web"),
        List.of("http-connect"),
        List.of(hostile));
  }
}
