package org.tlsuplift.server.insight.switchoff;

import java.time.Duration;
import java.time.Instant;
import java.time.ZoneOffset;
import java.time.format.DateTimeFormatter;
import java.util.Optional;
import org.tlsuplift.server.inventory.VerdictRules;

/** Why the answer is what it is. Dates are those of UTC. */
final class Sentences {
  private static final DateTimeFormatter DATE =
      DateTimeFormatter.ofPattern("yyyy-MM-dd").withZone(ZoneOffset.UTC);
  private static final DateTimeFormatter MOMENT =
      DateTimeFormatter.ofPattern("yyyy-MM-dd HH:mm 'UTC'").withZone(ZoneOffset.UTC);

  private final VerdictRules rules;

  Sentences(VerdictRules rules) {
    this.rules = rules;
  }

  static String moment(Instant at) {
    return MOMENT.format(at);
  }

  String because(
      Scope scope, CanSwitch answer, Group group, Optional<Instant> since, Optional<Instant> from) {
    if (scope.isModern()) {
      return "it is modern already; " + (group.standing() == 0 ? unneeded(group) : more(group));
    }
    return switch (answer) {
      case YES -> yes(group, since);
      case NO -> no(group);
      case NOT_YET -> notYet(group, since, from);
    };
  }

  private String yes(Group group, Optional<Instant> since) {
    return unneeded(group) + since.map(at -> "; watched since " + DATE.format(at)).orElse("");
  }

  private String unneeded(Group group) {
    return group.devices() == 0
        ? "no device came in the last " + days(rules.notSeenAfter())
        : "none of "
            + devices(group.devices())
            + " needed it in the last "
            + days(rules.notSeenAfter());
  }

  private String more(Group group) {
    return group.standing()
        + " of "
        + devices(group.devices())
        + (group.standing() == 1 ? " needs more" : " need more")
        + ", the latest on "
        + DATE.format(group.latestNeed());
  }

  private String no(Group group) {
    return group.standing()
        + " of "
        + devices(group.devices())
        + (group.standing() == 1 ? " needs it" : " need it")
        + ", the latest on "
        + DATE.format(group.latestNeed());
  }

  private String notYet(Group group, Optional<Instant> since, Optional<Instant> from) {
    String seen =
        group.standing() == 0
            ? "no device needs it that was seen"
            : "not needed since "
                + DATE.format(group.latestNeed())
                + ", but "
                + devices(group.standing())
                + " did in the last "
                + days(rules.notSeenAfter());
    String watched =
        since.isEmpty()
            ? "; but nobody is watching"
            : group.standing() == 0 ? "; but watched only since " + DATE.format(since.get()) : "";
    return seen
        + watched
        + from.map(at -> "; yes from " + DATE.format(at) + " on if none does").orElse("");
  }

  private static String days(Duration time) {
    long days = time.toDays();
    return days == 1 ? "day" : days + " days";
  }

  private static String devices(long count) {
    return count == 1 ? "1 device" : count + " devices";
  }
}
