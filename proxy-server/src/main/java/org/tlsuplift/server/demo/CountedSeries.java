package org.tlsuplift.server.demo;

import java.util.List;
import java.util.Map;
import java.util.regex.Pattern;
import java.util.stream.Collectors;

/** One series of the Prometheus text format. */
record CountedSeries(String name, Map<String, String> labels, double value) {
  private static final Pattern LINE = Pattern.compile("(\\w+)\\{([^}]*)} (\\S+)");
  private static final Pattern LABEL = Pattern.compile("(\\w+)=\"([^\"]*)\"");

  CountedSeries {
    labels = Map.copyOf(labels);
  }

  /** All series with this name and a value above 0. */
  static List<CountedSeries> of(String exposition, String name) {
    return exposition
        .lines()
        .map(LINE::matcher)
        .filter(line -> line.matches() && line.group(1).equals(name))
        .map(
            line ->
                new CountedSeries(name, labels(line.group(2)), Double.parseDouble(line.group(3))))
        .filter(each -> each.value() > 0)
        .toList();
  }

  String label(String label) {
    return labels.getOrDefault(label, "");
  }

  private static Map<String, String> labels(String text) {
    return LABEL
        .matcher(text)
        .results()
        .collect(Collectors.toMap(label -> label.group(1), label -> label.group(2)));
  }
}
