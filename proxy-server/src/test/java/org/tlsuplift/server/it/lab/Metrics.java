package org.tlsuplift.server.it.lab;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.net.InetSocketAddress;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandlers;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/** What /metrics said at one moment. */
public final class Metrics {
  private static final Pattern SERIES = Pattern.compile("([a-zA-Z_:]+)(?:\\{(.*)})? (\\S+)");
  private static final Pattern LABEL = Pattern.compile("(\\w+)=\"([^\"]*)\"");
  private static final HttpClient HTTP = HttpClient.newHttpClient();

  private final List<Series> series = new ArrayList<>();

  private record Series(String name, Map<String, String> labels, double value) {}

  private Metrics(String exposition) {
    exposition
        .lines()
        // Most lines are of histograms, which nobody asks for.
        .filter(line -> !line.startsWith("#") && !line.contains("_bucket{"))
        .map(SERIES::matcher)
        .filter(Matcher::matches)
        .forEach(m -> series.add(new Series(m.group(1), labels(m.group(2)), number(m.group(3)))));
  }

  static Metrics scrape(InetSocketAddress admin) {
    return new Metrics(get(admin, "/metrics"));
  }

  /** The body of a page, whose status must be 200. */
  public static String get(InetSocketAddress from, String path) {
    HttpResponse<String> answer = answer(from, path);
    assertThat(answer.statusCode()).as(answer.body()).isEqualTo(200);
    return answer.body();
  }

  public static int status(InetSocketAddress from, String path) {
    return answer(from, path).statusCode();
  }

  private static HttpResponse<String> answer(InetSocketAddress from, String path) {
    URI page = URI.create("http://" + Loopback.text(from) + path);
    try {
      return HTTP.send(HttpRequest.newBuilder(page).build(), BodyHandlers.ofString());
    } catch (IOException | InterruptedException failed) {
      throw new AssertionError(page + ": " + failed, failed);
    }
  }

  /** The sum over the series with these labels and values, 0 when there is none. */
  public long sum(String name, String... labelsAndValues) {
    Map<String, String> wanted = new HashMap<>();
    for (int i = 0; i < labelsAndValues.length; i += 2) {
      wanted.put(labelsAndValues[i], labelsAndValues[i + 1]);
    }
    return Math.round(
        series.stream()
            .filter(each -> each.name.equals(name))
            .filter(each -> each.labels.entrySet().containsAll(wanted.entrySet()))
            .mapToDouble(Series::value)
            .sum());
  }

  @Override
  public String toString() {
    StringBuilder text = new StringBuilder();
    series.stream()
        .filter(each -> each.name.startsWith("tlsuplift_") && each.value != 0)
        .forEach(each -> text.append(each).append('\n'));
    return text.toString();
  }

  private static Map<String, String> labels(@Nullable String text) {
    Map<String, String> labels = new HashMap<>();
    Matcher matcher = LABEL.matcher(text == null ? "" : text);
    while (matcher.find()) {
      labels.put(matcher.group(1), matcher.group(2));
    }
    return labels;
  }

  private static double number(String text) {
    return switch (text) {
      case "+Inf" -> Double.POSITIVE_INFINITY;
      case "NaN" -> 0;
      default -> Double.parseDouble(text);
    };
  }
}
