package org.tlsuplift.server.demo;

import java.security.cert.X509Certificate;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import javax.naming.InvalidNameException;
import javax.naming.ldap.LdapName;
import javax.naming.ldap.Rdn;
import javax.security.auth.x500.X500Principal;

/** Prints both sides of an exchange, and the counters, at most 100 columns wide, in ASCII. */
final class DemoDiagram {
  private static final int BOX = 43;
  private static final String EDGE = "+" + "-".repeat(BOX + 2) + "+";

  private DemoDiagram() {}

  static List<String> of(DemoExchange demoExchange, X509Certificate originCa) {
    boolean bridged = demoExchange.device().isOld();
    String issuer = name(demoExchange.certificate().getIssuerX500Principal());
    String originIssuer = name(originCa.getSubjectX500Principal());
    List<String> lines = new ArrayList<>();
    lines.add(
        demoExchange.device().name()
            + ", by "
            + demoExchange.device().wayIn().label()
            + (bridged ? ": bridged" : ": tunnelled, not opened"));
    lines.add(EDGE + "    " + EDGE);
    row(
        lines,
        "device   " + demoExchange.agreed().version(),
        "origin   " + demoExchange.originVersion());
    row(lines, demoExchange.agreed().cipherSuite(), demoExchange.originCipherSuite());
    row(
        lines,
        "issuer   " + issuer,
        bridged
            ? "issuer   " + originIssuer + ", verified"
            : "issuer   the same: its own certificate");
    lines.add(EDGE + "    " + EDGE);
    return lines;
  }

  static List<String> of(DemoCounts counts) {
    List<String> lines = new ArrayList<>();
    table(lines, counts.legacy(), List.of("listener", "protocol", "cipher"));
    table(lines, counts.upstream(), List.of("protocol", "outcome"));
    table(lines, counts.sessions(), List.of("listener", "action", "reason"));
    return lines;
  }

  private static void row(List<String> lines, String left, String right) {
    String arrow = lines.size() == 3 ? " => " : "    ";
    lines.add("| " + fit(left) + " |" + arrow + "| " + fit(right) + " |");
  }

  private static String fit(String text) {
    String cut = text.length() > BOX ? text.substring(0, BOX - 3) + "..." : text;
    return cut + " ".repeat(BOX - cut.length());
  }

  private static void table(List<String> lines, List<CountedSeries> series, List<String> labels) {
    series.stream().map(CountedSeries::name).distinct().forEach(lines::add);
    for (List<String> row : align(series, labels)) {
      lines.add(String.join("  ", row).stripTrailing());
    }
  }

  /** Adds up series that differ in other labels only, and pads each column to its longest value. */
  private static List<List<String>> align(List<CountedSeries> series, List<String> labels) {
    Map<List<String>, Double> sums =
        new TreeMap<>(Comparator.comparing((List<String> row) -> String.join(" ", row)));
    for (CountedSeries each : series) {
      sums.merge(labels.stream().map(each::label).toList(), each.value(), Double::sum);
    }
    List<List<String>> rows = new ArrayList<>();
    sums.forEach(
        (values, sum) -> {
          List<String> row = new ArrayList<>(List.of("%5.0f".formatted(sum)));
          for (int i = 0; i < values.size(); i++) {
            int column = i;
            int width =
                sums.keySet().stream().mapToInt(v -> v.get(column).length()).max().orElse(0);
            String value = values.get(i);
            row.add(value + " ".repeat(width - value.length()));
          }
          rows.add(row);
        });
    return rows;
  }

  private static String name(X500Principal principal) {
    try {
      return new LdapName(principal.getName())
          .getRdns().stream()
              .filter(rdn -> rdn.getType().equalsIgnoreCase("CN"))
              .map(Rdn::getValue)
              .map(String::valueOf)
              .findFirst()
              .orElse(principal.getName());
    } catch (InvalidNameException unusual) {
      return principal.getName();
    }
  }
}
