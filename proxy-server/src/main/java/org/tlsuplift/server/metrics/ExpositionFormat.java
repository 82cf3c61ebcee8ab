package org.tlsuplift.server.metrics;

import java.util.Locale;
import org.jspecify.annotations.Nullable;

/** The two formats that Prometheus reads. */
enum ExpositionFormat {
  /** The Prometheus text format, which all scrapers read. */
  TEXT("text/plain; version=0.0.4; charset=utf-8"),
  /** OpenMetrics, which adds units and creation times of counters. */
  OPEN_METRICS("application/openmetrics-text; version=1.0.0; charset=utf-8");

  private final String contentType;

  ExpositionFormat(String contentType) {
    this.contentType = contentType;
  }

  String contentType() {
    return contentType;
  }

  /**
   * Selects by the {@code Accept} header of a request (RFC 9110 section 12.5.1).
   *
   * <p>Returns the format with the highest weight, or the first of equals. Returns {@link #TEXT} if
   * the header is empty, requests an unknown version or accepts neither format, because a readable
   * text is more useful than status 406.
   */
  static ExpositionFormat negotiate(String accept) {
    ExpositionFormat best = TEXT;
    double highest = 0;
    for (String range : accept.split(",", -1)) {
      Preference preference = Preference.parse(range);
      if (preference != null && preference.weight() > highest) {
        best = preference.format();
        highest = preference.weight();
      }
    }
    return best;
  }

  private record Preference(ExpositionFormat format, double weight) {
    static @Nullable Preference parse(String range) {
      String[] parts = range.toLowerCase(Locale.ROOT).replace(" ", "").split(";", -1);
      String version = "";
      double weight = 1;
      for (int i = 1; i < parts.length; i++) {
        if (parts[i].startsWith("version=")) {
          version = parts[i].substring("version=".length());
        } else if (parts[i].startsWith("q=")) {
          weight = weight(parts[i].substring("q=".length()));
        }
      }
      return switch (parts[0]) {
        case "application/openmetrics-text" ->
            version.isEmpty() || version.equals("1.0.0")
                ? new Preference(OPEN_METRICS, weight)
                : null;
        case "text/plain" ->
            version.isEmpty() || version.equals("0.0.4") ? new Preference(TEXT, weight) : null;
        case "text/*", "*/*" -> new Preference(TEXT, weight);
        default -> null;
      };
    }

    private static double weight(String text) {
      return text.matches("[01](\\.[0-9]{0,3})?") ? Double.parseDouble(text) : 0;
    }
  }
}
