package org.tlsuplift.bench;

import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.function.ToDoubleFunction;
import java.util.stream.Stream;

/**
 * One line of the table: the samples of both proxies, round by round.
 *
 * @param id as in ROWS
 * @param peer whom TLS Uplift is compared with
 * @param goal the ratio that is aimed for; NaN for none
 */
record Row(String id, String peer, String title, String unit, double goal, List<Round> rounds) {
  /**
   * What one proxy did in one round.
   *
   * @param value in the row's unit
   * @param errors what went wrong; any voids the row
   * @param work connections, or bytes of a bulk row
   * @param deviceResumed share of device handshakes, 0 to 1; NaN when not counted
   * @param upstreamResumed share of upstream handshakes, 0 to 1; NaN when not counted
   */
  record Sample(
      double value, List<String> errors, long work, double deviceResumed, double upstreamResumed) {}

  /**
   * Both proxies in one round.
   *
   * @param before the handshakes that TLS Uplift had made before it
   */
  record Round(Sample peer, Sample uplift, long before) {
    double ratio() {
      return uplift.value() / peer.value();
    }
  }

  Row(String id, String peer, String title, String unit, double goal) {
    this(id, peer, title, unit, goal, new ArrayList<>());
  }

  private double median(ToDoubleFunction<Round> figure) {
    double[] sorted = rounds.stream().mapToDouble(figure).sorted().toArray();
    int middle = sorted.length / 2;
    return sorted.length % 2 == 1 ? sorted[middle] : (sorted[middle - 1] + sorted[middle]) / 2;
  }

  private List<String> errors() {
    return rounds.stream()
        .flatMap(round -> Stream.of(round.peer(), round.uplift()))
        .flatMap(sample -> sample.errors().stream())
        .toList();
  }

  String markdown() {
    List<String> errors = errors();
    if (rounds.isEmpty() || !errors.isEmpty()) {
      String why = errors.isEmpty() ? "no rounds" : errors.size() + " errors: " + errors.get(0);
      return "| " + title + " | " + unit + " | | | void | | | | " + why.replace('|', '/') + " |";
    }
    return format(
        isAboutPercents()
            ? "| %s | %s | %s | %s | **%.3f** | %.3f-%.3f" + mean() + " | %s | %,d | %s |"
            : "| %s | %s | %s | %s | **%.2f** | %.2f-%.2f | %s | %,d | %s |",
        title,
        unit,
        figure(median(round -> round.peer().value())),
        figure(median(round -> round.uplift().value())),
        median(Round::ratio),
        rounds.stream().mapToDouble(Round::ratio).min().orElseThrow(),
        rounds.stream().mapToDouble(Round::ratio).max().orElseThrow(),
        Double.isNaN(goal) ? "" : format("%.2f", goal),
        rounds.get(0).before(),
        resumed());
  }

  private boolean isAboutPercents() {
    return id.startsWith("cost-") || id.startsWith("guard");
  }

  /** How sure the ratio is, where it is about a percent. */
  private String mean() {
    if (rounds.size() < 2) {
      return "";
    }
    double mean = rounds.stream().mapToDouble(Round::ratio).average().orElseThrow();
    double squares = rounds.stream().mapToDouble(round -> Math.pow(round.ratio() - mean, 2)).sum();
    double error = Math.sqrt(squares / (rounds.size() - 1) / rounds.size());
    return format(", mean %.3f, standard error %.3f", mean, error);
  }

  static String header(String peer) {
    return "\n| figure | unit | "
        + peer
        + " | TLS Uplift | ratio | of rounds | goal | handshakes before | resumed: "
        + peer
        + ", TLS Uplift |\n"
        + "|---|---|---|---|---|---|---|---|---|";
  }

  private String resumed() {
    if (Double.isNaN(rounds.get(0).peer().deviceResumed())) {
      return "";
    }
    return format(
        "device %.0f %%, %.0f %%; upstream %.0f %%, %.0f %%",
        100 * median(round -> round.peer().deviceResumed()),
        100 * median(round -> round.uplift().deviceResumed()),
        100 * median(round -> round.peer().upstreamResumed()),
        100 * median(round -> round.uplift().upstreamResumed()));
  }

  /** Lines of row, round, proxy, value, unit, work, errors, and both resumed shares. */
  String csv() {
    StringBuilder lines = new StringBuilder();
    for (int i = 0; i < rounds.size(); i++) {
      lines.append(csv(i + 1, peer, rounds.get(i).peer()));
      lines.append(csv(i + 1, "tls-uplift", rounds.get(i).uplift()));
    }
    return lines.toString();
  }

  private String csv(int round, String proxy, Sample sample) {
    return format(
        "%s,%d,%s,%.5f,%s,%d,%d,%.3f,%.3f%n",
        id,
        round,
        proxy,
        sample.value(),
        unit,
        sample.work(),
        sample.errors().size(),
        sample.deviceResumed(),
        sample.upstreamResumed());
  }

  private static String figure(double value) {
    return format(value < 10 ? "%.3f" : "%.1f", value);
  }

  private static String format(String format, Object... values) {
    return String.format(Locale.ROOT, format, values);
  }
}
