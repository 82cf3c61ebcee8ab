package org.tlsuplift.server.demo;

import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * One series of the Prometheus text format.
 *
 * @param name the name of the metric
 * @param labels its labels
 * @param value its value
 */
record CountedSeries(String name, Map<String, String> labels, double value) {
  private static final Pattern LINE = Pattern.compile("(\\w+)\\{([^}]*)} (\\S+)");
  private static final Pattern LABEL = Pattern.compile("(\\w+)=\"([^\"]*)\"");

  CountedSeries {
    labels = Map.copyOf(labels);
  }

  /** All series of that name with a value above 0. */
  static List<CountedSeries> of(String exposition, String name) {
    List<CountedSeries> series = new ArrayList<>();
    for (String text : exposition.lines().toList()) {
      Matcher line = LINE.matcher(text);
      if (line.matches() && line.group(1).equals(name)) {
        CountedSeries each =
            new CountedSeries(name, labels(line.group(2)), Double.parseDouble(line.group(3)));
        if (each.value() > 0) {
          series.add(each);
        }
      }
    }
    return series;
  }

  /** The value of a label, or an empty text. */
  String label(String label) {
    return labels.getOrDefault(label, "");
  }

  private static Map<String, String> labels(String text) {
    Map<String, String> labels = new TreeMap<>();
    Matcher label = LABEL.matcher(text);
    while (label.find()) {
      labels.put(label.group(1), label.group(2));
    }
    return labels;
  }
}
