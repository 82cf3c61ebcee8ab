package org.tlsuplift.server.manual;

import java.util.ArrayList;
import java.util.List;
import java.util.stream.IntStream;
import org.commonmark.ext.gfm.tables.TableBlock;
import org.commonmark.ext.gfm.tables.TableCell;
import org.commonmark.ext.gfm.tables.TableRow;
import org.commonmark.node.Node;

/**
 * A table for terminals: in columns if they fit, otherwise as one block for each row.
 *
 * @param rows the first are the headings
 */
record TextTable(List<List<String>> rows) {
  private static final String GAP = "  ";

  static TextTable of(TableBlock table) {
    return new TextTable(
        MarkdownPage.all(table, TableRow.class).stream().map(TextTable::cells).toList());
  }

  private static List<String> cells(Node row) {
    return MarkdownPage.all(row, TableCell.class).stream().map(TextPage::inline).toList();
  }

  List<String> lines(int width) {
    List<Integer> widths =
        IntStream.range(0, rows.get(0).size())
            .mapToObj(i -> rows.stream().mapToInt(row -> row.get(i).length()).max().orElse(0))
            .toList();
    int all = widths.stream().mapToInt(each -> each + GAP.length()).sum() - GAP.length();
    return all <= width ? columns(widths) : blocks(width);
  }

  private List<String> columns(List<Integer> widths) {
    List<String> lines = new ArrayList<>();
    for (List<String> row : rows) {
      lines.add(
          String.join(
                  GAP,
                  IntStream.range(0, row.size())
                      .mapToObj(i -> padded(row.get(i), widths.get(i)))
                      .toList())
              .stripTrailing());
    }
    lines.add(1, String.join(GAP, widths.stream().map("-"::repeat).toList()));
    return lines;
  }

  private static String padded(String text, int width) {
    return text + " ".repeat(width - text.length());
  }

  /** The first cell of a row, then the others below it with their headings. */
  private List<String> blocks(int width) {
    List<String> lines = new ArrayList<>();
    List<String> headings = rows.get(0);
    for (List<String> row : rows.subList(1, rows.size())) {
      lines.addAll(TextPage.wrap("* " + row.get(0), width));
      for (int i = 1; i < row.size(); i++) {
        if (!row.get(i).isEmpty()) {
          String heading = headings.get(i).isEmpty() ? "" : headings.get(i) + ": ";
          TextPage.wrap(heading + row.get(i), width - 4).forEach(line -> lines.add("    " + line));
        }
      }
    }
    return lines;
  }
}
