package org.tlsuplift.server.http.pages;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.stream.Stream;
import org.tlsuplift.proxy.model.ShortText;
import org.tlsuplift.server.audit.AuditJournal;
import org.tlsuplift.server.feature.Change;
import org.tlsuplift.server.http.Action.Field;
import org.tlsuplift.server.http.BadRequestException;
import org.tlsuplift.server.http.Request;
import org.tlsuplift.server.inventory.DeviceCsv;

/**
 * A table that a person sends. Spreadsheets write it with commas, semicolons or tabs, with or
 * without a byte order mark, and with any line ends.
 *
 * @param columns of the first line, in lower case
 * @param lines that are not empty
 */
record CsvForm(List<String> columns, List<Line> lines) {
  private static final int MAX_LENGTH = 1 << 18;

  /** The table itself. */
  static final List<Field> TABLE =
      List.of(
          Field.optional("csv", "The table, with the names of the columns.", MAX_LENGTH),
          Field.file("file", "The table as a file.", MAX_LENGTH));

  /** Of the form that sends a table. */
  static final List<Field> FIELDS =
      List.of(
          TABLE.get(0),
          TABLE.get(1),
          Field.optional(
              "apply", "The version that 'after' names, or yes; nothing for a preview.", 64));

  /** Of accounts and mailboxes. */
  static final int MAX_LINES = 1000;

  /**
   * As the form of a preview sends it, in UTF-8 and with CRLF. Below the bound on a form, which has
   * other fields, too: what has a preview can be applied.
   */
  static final int MAX_BYTES = 240 * 1024;

  /**
   * A line.
   *
   * @param number in the file, counted from 1
   * @param cells by column; a line may have fewer cells than columns
   * @param surplus whether it has more cells than columns
   */
  record Line(int number, Map<String, String> cells, boolean surplus) {
    static Line of(int number, List<String> columns, List<String> row) {
      Map<String, String> cells = new LinkedHashMap<>();
      for (int i = 0; i < Math.min(columns.size(), row.size()); i++) {
        cells.put(columns.get(i), row.get(i));
      }
      return new Line(number, cells, !row.stream().skip(columns.size()).allMatch(String::isBlank));
    }

    /** A cell without spaces around it; empty for none. */
    String cell(String column) {
      return cells.getOrDefault(column, "").strip();
    }
  }

  /** The text that a form has sent; empty for none. */
  static String text(Request form) {
    return form.parameter("file").or(() -> form.parameter("csv")).orElse("");
  }

  /**
   * Reads a table.
   *
   * @throws BadRequestException if it is empty, too large or not in UTF-8
   */
  static CsvForm read(String written) throws BadRequestException {
    int bytes = written.replaceAll("\r\n?|\n", "\r\n").getBytes(StandardCharsets.UTF_8).length;
    if (bytes > MAX_BYTES) {
      throw new BadRequestException(
          413,
          "the table has "
              + bytes
              + " bytes; "
              + MAX_BYTES
              + " are allowed; import it in two parts");
    }
    String text = written.startsWith("\ufeff") ? written.substring(1) : written;
    if (text.indexOf('\ufffd') >= 0) {
      throw new BadRequestException(
          400, "the file is not in UTF-8; in Excel, save it as 'CSV UTF-8'");
    }
    String first = text.lines().findFirst().orElse("");
    char separator = separator(first);
    List<List<String>> rows = new ArrayList<>();
    List<Integer> numbers = new ArrayList<>();
    split(text, separator, rows, numbers);
    if (rows.isEmpty()) {
      throw new BadRequestException(400, "the table is empty; choose a file, or paste the lines");
    }
    List<String> columns =
        rows.get(0).stream().map(name -> name.strip().toLowerCase(Locale.ROOT)).toList();
    Set<String> known = new HashSet<>();
    for (String each : columns) {
      if (!each.isEmpty() && !known.add(each)) {
        throw new BadRequestException(
            400, "the column " + ShortText.quoted(each) + " is there more than once; delete one");
      }
    }
    List<Line> lines = new ArrayList<>();
    for (int i = 1; i < rows.size(); i++) {
      lines.add(Line.of(numbers.get(i), columns, rows.get(i)));
    }
    return new CsvForm(columns, lines);
  }

  /** The separator that the headings use most. */
  private static char separator(String headings) {
    return Stream.of(',', ';', '\t')
        .max(Comparator.comparing(each -> headings.chars().filter(c -> c == each).count()))
        .orElseThrow();
  }

  /** Splits a text as RFC 4180 says, and leaves out empty lines. */
  private static void split(
      String text, char separator, List<List<String>> rows, List<Integer> numbers)
      throws BadRequestException {
    List<String> row = new ArrayList<>();
    StringBuilder cell = new StringBuilder();
    boolean quoted = false;
    int number = 1;
    int begin = 1;
    for (int i = 0; i <= text.length(); i++) {
      char c = i < text.length() ? text.charAt(i) : '\n';
      boolean lineEnd = c == '\n' || (c == '\r' && !text.startsWith("\n", i + 1));
      if (c == '"' && (quoted || cell.isEmpty())) {
        boolean twice = quoted && text.startsWith("\"", i + 1);
        if (twice) {
          cell.append(c);
          i++;
        } else {
          quoted = !quoted;
        }
      } else if (quoted && i == text.length()) {
        throw new BadRequestException(
            400, "line " + begin + " begins a quote that does not end; close it, or delete it");
      } else if (i == text.length() || (!quoted && (c == separator || lineEnd))) {
        row.add(DeviceCsv.plain(cell.toString()));
        cell.setLength(0);
        if (c != separator) {
          if (!row.stream().allMatch(String::isBlank)) {
            rows.add(row);
            numbers.add(begin);
          }
          row = new ArrayList<>();
          begin = number + 1;
        }
      } else if (quoted || c != '\r') {
        cell.append(c);
      }
      number += lineEnd ? 1 : 0;
    }
  }

  /**
   * Makes sure that the audit log has room for the records of an import.
   *
   * @throws BadRequestException if it has not; then nothing may be changed
   */
  static void reserve(AuditJournal journal, List<Change> planned) throws BadRequestException {
    try {
      journal.check(planned);
    } catch (IOException failed) {
      throw new BadRequestException(
          503,
          "nothing was changed, because the audit log has no room for the records of this import: "
              + failed.getMessage());
    }
  }
}
