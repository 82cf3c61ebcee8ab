package org.tlsuplift.server.daemon.watch;

import java.time.Duration;
import java.time.Instant;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.List;
import java.util.Set;
import org.tlsuplift.server.metrics.ServerMetrics;
import org.tlsuplift.server.notify.Condition;

/**
 * The critical alert rules that fire if a counter has grown recently. A test compares the values
 * with {@code config/alerts.yml}.
 *
 * @param alert the name of the rule
 * @param replies whether it counts replies of origins, instead of ended sessions
 * @param watched the values of the label {@code reply} or {@code reason}
 * @param window in which the counter must have grown
 */
public record CriticalCounter(
    String alert, boolean replies, Set<String> watched, Duration window, Condition condition) {
  public CriticalCounter {
    watched = Set.copyOf(watched);
  }

  public static final List<CriticalCounter> ALL =
      List.of(
          of(
              "origin_not_trusted",
              "TlsUpliftOriginNotTrusted",
              false,
              Set.of(
                  "origin_certificate_invalid",
                  "origin_certificate_revoked",
                  "origin_revocation_unknown",
                  "origin_below_floor"),
              Duration.ofMinutes(15),
              "an origin was refused, because its certificate or its TLS version is not acceptable",
              "run 'tls-uplift probe HOST'; if a firewall inspects TLS, set 'upstream.trust' to its"
                  + " CA"),
          of(
              "passwords_refused",
              "TlsUpliftBasicAuthIsOff",
              true,
              Set.of(
                  "535 5.7.139",
                  "535 5.7.139 basic-auth",
                  "535 5.7.139 conditional-access",
                  "535 5.7.139 security-defaults",
                  "535 5.7.139 organization",
                  "550 5.7.30"),
              Duration.ofHours(1),
              "Microsoft 365 refused a sign-in for SMTP, because passwords or SMTP AUTH are off or a policy"
                  + " blocks it; scans are not delivered",
              "see 'tls-uplift manual microsoft-replies#sign-in'"),
          of(
              "tls_too_old",
              "TlsUpliftOriginSaysTlsTooOld",
              true,
              Set.of("421 4.7.66", "5.7.67", "popimap_tls"),
              Duration.ofHours(1),
              "Microsoft 365 reports TLS below 1.2; something on the way decrypts TLS",
              "find the firewall or proxy that decrypts TLS, and exempt this machine"),
          of(
              "sessions_refused",
              "TlsUpliftSessionsRefused",
              false,
              Set.of("session_limit"),
              Duration.ofMinutes(15),
              "devices are refused: limits.maxSessions is reached",
              "raise limits.maxSessions and the limit of open files, or add an instance"),
          of(
              "overloaded",
              "TlsUpliftOverloaded",
              false,
              Set.of("overloaded"),
              Duration.ofMinutes(15),
              "devices are refused: the buffer memory is full",
              "raise -XX:MaxDirectMemorySize, or add an instance"));

  private static CriticalCounter of(
      String kind,
      String alert,
      boolean replies,
      Set<String> watched,
      Duration window,
      String summary,
      String remedy) {
    return new CriticalCounter(
        alert, replies, watched, window, new Condition(kind, "", summary, remedy, Duration.ZERO));
  }

  private double total(ServerMetrics metrics) {
    return replies ? metrics.originReplies(watched) : metrics.sessions(watched);
  }

  /** The growth of one counter in its window. Not thread-safe. */
  public static final class Growth {
    private final CriticalCounter counter;
    private final Deque<Sample> samples = new ArrayDeque<>();

    private record Sample(Instant at, double total) {}

    public Growth(CriticalCounter counter) {
      this.counter = counter;
    }

    public CriticalCounter counter() {
      return counter;
    }

    /** Reads the counter, and returns whether it has grown in the window. */
    public boolean hasGrown(ServerMetrics metrics, Instant now) {
      return hasGrown(counter.total(metrics), now);
    }

    boolean hasGrown(double total, Instant now) {
      while (!samples.isEmpty() && samples.getFirst().at().plus(counter.window()).isBefore(now)) {
        samples.removeFirst();
      }
      samples.addLast(new Sample(now, total));
      return total > samples.getFirst().total();
    }
  }
}
