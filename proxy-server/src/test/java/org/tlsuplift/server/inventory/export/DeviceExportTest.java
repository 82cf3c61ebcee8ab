package org.tlsuplift.server.inventory.export;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.StringWriter;
import java.time.Instant;
import java.util.List;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import org.junit.jupiter.api.Test;
import org.tlsuplift.server.inventory.DeviceRecord;
import org.tlsuplift.server.inventory.Verdict;

/** Whatever a device calls itself, CSV and JSON stay what they are. */
class DeviceExportTest {
  @Test
  void aCellOfCsvIsQuotedAndNoFormula() {
    assertThat(DeviceCsv.cell("printer")).isEqualTo("printer");
    assertThat(DeviceCsv.cell("a,b")).isEqualTo("\"a,b\"");
    assertThat(DeviceCsv.cell("say \"hi\"")).isEqualTo("\"say \"\"hi\"\"\"");
    assertThat(DeviceCsv.cell("=cmd|' /C calc'!A0")).isEqualTo("'=cmd|' /C calc'!A0");
    assertThat(DeviceCsv.cell("@SUM(A1,A2)")).isEqualTo("\"'@SUM(A1,A2)\"");
    assertThat(List.of("+1", "-1", "\tx")).allMatch(text -> DeviceCsv.cell(text).startsWith("'"));
  }

  @Property
  void aCellOfCsvReadsBackAsWhatItWas(@ForAll String text) {
    String cell = DeviceCsv.cell(text);
    boolean quoted = cell.startsWith("\"");
    String read = quoted ? cell.substring(1, cell.length() - 1).replace("\"\"", "\"") : cell;
    assertThat(read.startsWith("'") ? read.endsWith(text) : read.equals(text)).isTrue();
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
  void jsonReadsBackAsWhatItWasAndIsHarmlessInHtml(@ForAll String text) throws Exception {
    StringWriter written = new StringWriter();
    try (DeviceJson json = new DeviceJson(written)) {
      json.begin();
      json.device(device(text));
      json.end();
    }
    JsonNode read = new ObjectMapper().readTree(written.toString()).get(0);
    assertThat(read.path("introduction").asText("")).isEqualTo(text);
    assertThat(read.path("destinations").get(0).asText()).isEqualTo(text);
    assertThat(written.toString().chars()).allMatch(c -> c < 0x7f && "<>&'".indexOf(c) < 0);
  }

  static DeviceRecord device(String hostile) {
    return new DeviceRecord(
        "10.0.0.1",
        hostile,
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
        "t10d",
        "",
        hostile,
        hostile,
        "",
        null,
        DeviceRecord.Trust.YES,
        List.of("web"),
        List.of("http-connect"),
        List.of(hostile));
  }
}
