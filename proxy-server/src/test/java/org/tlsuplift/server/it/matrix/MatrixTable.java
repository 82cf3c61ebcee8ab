package org.tlsuplift.server.it.matrix;

import java.lang.module.ModuleDescriptor;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.tlsuplift.proxy.model.TlsVersion;
import org.tlsuplift.server.it.device.Trait;
import org.tlsuplift.server.it.lab.LeafKind;

/**
 * The handshake matrix as the manual has it: rows that differ in nothing but the suite, and fared
 * alike, are one line.
 */
final class MatrixTable {
  private static final String FIRST = "version";
  private static final String NODE = "Node.js ";

  private MatrixTable() {}

  private record Line(TlsVersion version, Set<Trait> traits, LeafKind leaf, List<String> cells) {}

  static List<String> of(HandshakeMatrix matrix) {
    List<String> names = matrix.contestants().stream().map(Contestant::name).toList();
    Map<Line, List<MatrixRow>> grouped = new LinkedHashMap<>();
    for (MatrixRow row : matrix.rows()) {
      Line line =
          new Line(
              row.offer().version(),
              row.offer().traits(),
              row.leaf(),
              matrix.contestants().stream()
                  .map(contestant -> cell(row, matrix.text(row, contestant)))
                  .toList());
      grouped.computeIfAbsent(line, first -> new ArrayList<>()).add(row);
    }
    List<String> lines = new ArrayList<>();
    lines.add(line(Stream.concat(Stream.of(FIRST, "offers", "devices"), names.stream())));
    lines.add("|---".repeat(names.size() + 3) + "|");
    grouped.forEach((line, rows) -> lines.add(line(line, rows)));
    return lines;
  }

  private static String line(Line line, List<MatrixRow> rows) {
    String suites = join(rows.stream().map(row -> row.offer().suitesText()));
    String remark =
        Stream.of(
                rows.get(0).offer().traitsText(),
                line.leaf() == LeafKind.RSA ? "" : line.leaf().text())
            .filter(text -> !text.isEmpty())
            .collect(Collectors.joining(", "));
    String devices = devices(rows.stream().flatMap(row -> row.stacks().stream()).map(Stack::name));
    return line(
        Stream.concat(
            Stream.of(
                line.version().label(),
                remark.isEmpty() ? suites : suites + "; " + remark,
                devices),
            line.cells().stream()));
  }

  /** In the order of the alphabet, the releases of Node.js in theirs. */
  private static String devices(Stream<String> names) {
    List<String> sorted = names.distinct().sorted(MatrixTable::byName).toList();
    StringBuilder text = new StringBuilder();
    for (String name : sorted) {
      boolean another = name.startsWith(NODE) && text.indexOf(NODE) >= 0;
      text.append(text.isEmpty() ? "" : ", ")
          .append(another ? name.substring(NODE.length()) : name);
    }
    return text.toString();
  }

  private static int byName(String one, String other) {
    if (one.startsWith(NODE) && other.startsWith(NODE)) {
      return ModuleDescriptor.Version.parse(one.substring(NODE.length()))
          .compareTo(ModuleDescriptor.Version.parse(other.substring(NODE.length())));
    }
    return one.compareToIgnoreCase(other);
  }

  private static String join(Stream<String> texts) {
    return texts.distinct().collect(Collectors.joining(", "));
  }

  private static String cell(MatrixRow row, String text) {
    if (row.mustBeRefused()) {
      return text.equals("refused") ? "refused, rightly" : "**" + text + "**";
    }
    return text.equals(row.offer().exactly()) ? "served" : text;
  }

  /** The lines of that table in a text. */
  static List<String> in(String markdown) {
    return markdown
        .lines()
        .dropWhile(line -> !line.startsWith("| " + FIRST + " | offers | devices | TLS Uplift |"))
        .takeWhile(line -> line.startsWith("|"))
        .toList();
  }

  private static String line(Stream<String> cells) {
    return cells.collect(Collectors.joining(" | ", "| ", " |"));
  }
}
