package org.tlsuplift.server.readiness;

import java.time.Duration;
import java.time.Instant;
import java.time.ZoneOffset;
import java.time.format.DateTimeFormatter;
import java.util.Optional;
import org.tlsuplift.server.inventory.VerdictRules;

/** Explains a result in one sentence. Dates are in UTC. */
record Reasons(VerdictRules rules) {
  private static final DateTimeFormatter DATE =
      DateTimeFormatter.ofPattern("yyyy-MM-dd").withZone(ZoneOffset.UTC);
  private static final DateTimeFormatter DATE_AND_TIME =
      DateTimeFormatter.ofPattern("yyyy-MM-dd HH:mm 'UTC'").withZone(ZoneOffset.UTC);

  static String moment(Instant at) {
    return DATE_AND_TIME.format(at);
  }

  String because(
      Scope scope,
      Readiness readiness,
      ScopeCounter scopeCounter,
      Optional<Instant> since,
      Optional<Instant> from) {
    if (scope.isModern()) {
      return "it is modern already; "
          + (scopeCounter.standing() == 0 ? unneeded(scopeCounter) : needs(scopeCounter, "more"));
    }
    return switch (readiness) {
      case YES -> yes(scopeCounter, since);
      case NO -> needs(scopeCounter, "it");
      case NOT_YET -> notYet(scopeCounter, since, from);
    };
  }

  private String yes(ScopeCounter scopeCounter, Optional<Instant> since) {
    return unneeded(scopeCounter)
        + since.map(at -> "; watched since " + DATE.format(at)).orElse("");
  }

  private String unneeded(ScopeCounter scopeCounter) {
    return scopeCounter.devices() == 0
        ? "no device connected in the last " + days(rules.notSeenAfter())
        : "none of %s needed it in the last %s"
            .formatted(devices(scopeCounter.devices()), days(rules.notSeenAfter()));
  }

  /** How many of the devices need it, or need more, and the day of the latest need. */
  private static String needs(ScopeCounter scopeCounter, String what) {
    return "%s of %s%s%s, the latest on %s"
        .formatted(
            scopeCounter.standing(),
            devices(scopeCounter.devices()),
            scopeCounter.standing() == 1 ? " needs " : " need ",
            what,
            DATE.format(scopeCounter.latestNeed()));
  }

  private String notYet(
      ScopeCounter scopeCounter, Optional<Instant> since, Optional<Instant> from) {
    String seen =
        scopeCounter.standing() == 0
            ? "no device has needed it"
            : "%s needed it in the last %s, the latest on %s"
                .formatted(
                    devices(scopeCounter.standing()),
                    days(rules.notSeenAfter()),
                    DATE.format(scopeCounter.latestNeed()));
    String observed =
        since.isEmpty()
            ? ", but no daemon is watching"
            : scopeCounter.standing() == 0
                ? ", but the daemon has watched only since " + DATE.format(since.get())
                : "";
    return seen
        + observed
        + from.map(at -> "; yes from " + DATE.format(at) + " if no device needs it until then")
            .orElse("");
  }

  private static String days(Duration time) {
    long days = time.toDays();
    return days == 1 ? "day" : days + " days";
  }

  private static String devices(long count) {
    return count == 1 ? "1 device" : count + " devices";
  }
}
