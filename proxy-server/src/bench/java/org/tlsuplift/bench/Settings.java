package org.tlsuplift.bench;

import java.time.Duration;
import java.util.List;
import java.util.stream.Stream;
import org.tlsuplift.bench.load.Origin;

/** What bench.sh was told by environment variables; its head explains them. */
record Settings(
    List<String> rows,
    int rounds,
    Duration round,
    Duration warmup,
    int warmupHandshakes,
    Duration rowWarmup,
    int concurrency,
    int tunnels,
    int mailConcurrency,
    int mailSessions,
    int costRuns,
    boolean costControl,
    String costCpu,
    int costDevices,
    int seenDevices,
    int idleSessions,
    Duration step,
    String transport,
    String rsa,
    String haproxy,
    String stunnel,
    String java,
    List<String> javaOptions,
    String jar) {
  static final List<String> ALL_ROWS =
      List.of(
          "full",
          "ecdsa",
          "resumed-upstream",
          "rsa",
          "ticket",
          "session-id",
          "down",
          "up",
          "latency",
          "peak",
          "memory",
          "start",
          "mail-full",
          "mail-resumed",
          "mail-memory");

  /** TLS Uplift with all that watches, beside the same without; only when asked for. */
  static final List<String> COST_ROWS =
      List.of("cost-full", "cost-down", "cost-up", "cost-memory", "cost-session");

  /** SMTP sessions with the guard, beside the same without; only when asked for. */
  static final List<String> GUARD_ROWS = List.of("guard", "guard-rules");

  /** More and more new sessions beside many idle ones; only when asked for. */
  static final List<String> SCALE_ROWS = List.of("scale", "scale-full");

  /** Origins that accept one key exchange only; only when asked for. */
  static final String POST_QUANTUM = "post-quantum";

  private static final List<String> KNOWN_ROWS =
      Stream.of(ALL_ROWS, COST_ROWS, GUARD_ROWS, SCALE_ROWS, List.of(POST_QUANTUM))
          .flatMap(List::stream)
          .toList();

  static Settings fromEnvironment() {
    List<String> rows = List.of(text("ROWS", String.join(",", ALL_ROWS)).split(","));
    for (String row : rows) {
      if (!KNOWN_ROWS.contains(row)) {
        throw new IllegalArgumentException("ROWS has '" + row + "'; it knows " + KNOWN_ROWS);
      }
    }
    return new Settings(
        rows,
        number("ROUNDS", 5),
        Duration.ofSeconds(number("ROUND_SECONDS", 4)),
        Duration.ofSeconds(number("WARMUP_SECONDS", 40)),
        number("WARMUP_HANDSHAKES", 50000),
        Duration.ofSeconds(number("ROW_WARMUP_SECONDS", 8)),
        number("CONCURRENCY", 16),
        number("TUNNELS", 2500),
        number("MAIL_CONCURRENCY", 64),
        number("MAIL_SESSIONS", 1000),
        number("COST_RUNS", 2),
        Boolean.parseBoolean(text("COST_CONTROL", "false")),
        text("COST_CPU", ""),
        number("COST_DEVICES", 500),
        number("SEEN_DEVICES", 100000),
        number("IDLE_SESSIONS", 9000),
        Duration.ofSeconds(number("STEP_SECONDS", 5)),
        text("TRANSPORT", "auto"),
        text("RSA", "auto"),
        text("HAPROXY", "haproxy"),
        text("STUNNEL", "stunnel4"),
        text("UPLIFT_JAVA", "java"),
        List.of(text("UPLIFT_JAVA_OPTS", "-Xmx256m").trim().split("\\s+")),
        text("UPLIFT_JAR", "../tls-uplift.jar"));
  }

  /** The rows that are about this. */
  List<String> rows(Origin.Speaks speaks) {
    return rows.stream()
        .filter(ALL_ROWS::contains)
        .filter(row -> row.startsWith("mail-") == (speaks == Origin.Speaks.SMTP))
        .toList();
  }

  /** The rows that are about what watching costs. */
  List<String> costRows() {
    return rows.stream().filter(COST_ROWS::contains).toList();
  }

  List<String> guardRows() {
    return rows.stream().filter(GUARD_ROWS::contains).toList();
  }

  List<String> scaleRows() {
    return rows.stream().filter(SCALE_ROWS::contains).toList();
  }

  /** No more than needed: HAProxy does not start when it could not open as many files. */
  int maxSessions() {
    return Math.max(tunnels, mailSessions) + 1000;
  }

  private static String text(String name, String unset) {
    String value = System.getenv(name);
    return value == null || value.isBlank() ? unset : value;
  }

  private static int number(String name, int unset) {
    int value = Integer.parseInt(text(name, Integer.toString(unset)));
    if (value < 1) {
      throw new IllegalArgumentException(name + " is " + value + "; it must be at least 1");
    }
    return value;
  }
}
