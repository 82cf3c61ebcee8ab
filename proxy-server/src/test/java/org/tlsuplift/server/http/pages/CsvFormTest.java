package org.tlsuplift.server.http.pages;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.constraints.Size;
import org.junit.jupiter.api.Test;
import org.tlsuplift.server.http.BadRequestException;
import org.tlsuplift.server.inventory.DeviceCsv;

/** Tables as spreadsheets write them. */
class CsvFormTest {
  private static List<Map<String, String>> cells(String text) throws BadRequestException {
    return CsvForm.read(text).lines().stream().map(CsvForm.Line::cells).toList();
  }

  @Test
  void readsWhatExcelWrites() throws Exception {
    List<Map<String, String>> read =
        List.of(
            Map.of("address", "10.1.2.3", "place", "1st; \"red\" room", "note", "two\nlines"),
            Map.of("address", "10.1.2.4", "place", "", "note", "\u00fcber"));
    String german =
        String.join(
            "\r\n",
            "\ufeffAddress;Place;Note",
            "10.1.2.3;\"1st; \"\"red\"\" room\";\"two\nlines\"",
            "10.1.2.4;;\u00fcber",
            "");
    assertThat(cells(german)).isEqualTo(read);
    assertThat(cells(german.replace(';', '\t').replace("1st\t", "1st;"))).isEqualTo(read);
    assertThat(cells("address,place,note\n10.1.2.3,\"1st; \"\"red\"\" room\",\"two\nlines\"\n"))
        .isEqualTo(read.subList(0, 1));
    assertThat(cells("address\r10.1.2.3\r\r10.1.2.4"))
        .as("old Macintosh")
        .containsExactly(Map.of("address", "10.1.2.3"), Map.of("address", "10.1.2.4"));
  }

  @Test
  void numbersLinesAsAnEditorDoes() throws Exception {
    assertThat(CsvForm.read("a,b\r\n\r\n1,\"x\r\ny\"\r\n;,\r\n2,z").lines())
        .extracting(CsvForm.Line::number)
        .containsExactly(3, 5, 6);
  }

  @Test
  void leavesOutMissingCellsAndIgnoresSurplusOnes() throws Exception {
    assertThat(cells("a,b\n1\n2,3,4"))
        .containsExactly(Map.of("a", "1"), Map.of("a", "2", "b", "3"));
    assertThat(CsvForm.read("a,b\n 1 ").lines().get(0).cell("a")).isEqualTo("1");
    assertThat(CsvForm.read("a,b\n1").lines().get(0).cell("b")).isEmpty();
  }

  @Test
  void refusesAnEmptyTableAndAnotherEncoding() {
    assertThatThrownBy(() -> CsvForm.read("\ufeff \r\n"))
        .isInstanceOf(BadRequestException.class)
        .hasMessageContaining("the table is empty");
    assertThatThrownBy(() -> CsvForm.read("address;place\r\n10.1.2.3;B\ufffdro\r\n"))
        .hasMessageContaining("save it as 'CSV UTF-8'");
  }

  @Test
  void refusesAColumnThatIsThereTwiceAndAnOpenQuote() throws Exception {
    assertThatThrownBy(() -> CsvForm.read("address;Mailbox;mailbox\r\n10.1.2.3;a;b\r\n"))
        .hasMessage("the column 'mailbox' is there more than once; delete one");
    assertThatThrownBy(() -> CsvForm.read("a,b\n1,2\n\n3,\"x\n4,5\n"))
        .hasMessage("line 4 begins a quote that does not end; close it, or delete it");
    assertThat(CsvForm.read("address,,\n10.1.2.3,,\n").lines()).as("empty headings").hasSize(1);
  }

  @Test
  void countsBytesAsTheFormOfAPreviewSendsThem() throws Exception {
    String line = "\u00fc".repeat(499) + "\n";
    String most = "note\n" + line.repeat(CsvForm.MAX_BYTES / 1000 - 1);
    String rest = "x".repeat(CsvForm.MAX_BYTES - 6 - 1000 * (CsvForm.MAX_BYTES / 1000 - 1));
    assertThat(CsvForm.read(most + rest).lines()).hasSize(CsvForm.MAX_BYTES / 1000);
    assertThat(CsvForm.read(most.replace("\n", "\r\n") + rest).lines())
        .hasSize(CsvForm.MAX_BYTES / 1000);
    assertThatThrownBy(() -> CsvForm.read(most + rest + "x"))
        .isInstanceOf(BadRequestException.class)
        .hasMessage("the table has 245761 bytes; 245760 are allowed; import it in two parts");
  }

  @Property
  void readsWhatTheExportsWrite(@ForAll @Size(min = 1, max = 5) List<String> texts)
      throws Exception {
    // A line of blank cells is an empty line, and an apostrophe before a formula is the mark.
    List<String> row =
        Stream.concat(Stream.of("x"), texts.stream())
            .map(text -> text.replace('\ufffd', '?').replaceAll("(^|;)'+", "$1"))
            .toList();
    StringBuilder names = new StringBuilder();
    for (int i = 0; i < row.size(); i++) {
      names.append(i == 0 ? "" : ",").append("c").append(i);
    }
    CsvForm read = CsvForm.read(names + "\r\n" + DeviceCsv.row(row.toArray()) + "\r\n");
    assertThat(List.copyOf(read.lines().get(0).cells().values())).isEqualTo(row);
  }
}
