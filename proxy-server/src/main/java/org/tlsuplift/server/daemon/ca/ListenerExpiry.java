package org.tlsuplift.server.daemon.ca;

import java.time.Duration;
import java.time.Instant;
import java.time.LocalDate;
import java.time.ZoneId;
import java.util.List;
import java.util.Objects;
import org.tlsuplift.server.config.ListenerConfig;
import org.tlsuplift.server.config.ServerConfig;

/**
 * When an antique listener ends.
 *
 * @param listener its name
 * @param until its last day, in the time zone of this machine
 */
public record ListenerExpiry(String listener, LocalDate until) {
  /** Those of a checked configuration, in its order. */
  public static List<ListenerExpiry> of(ServerConfig config) {
    return config.listeners().stream()
        .filter(listener -> listener.profile() == ListenerConfig.Profile.ANTIQUE)
        .map(ListenerExpiry::of)
        .toList();
  }

  /** That of an antique listener. */
  static ListenerExpiry of(ListenerConfig listener) {
    return new ListenerExpiry(listener.name(), Objects.requireNonNull(listener.until(), "until"));
  }

  /** The first moment at which it no longer accepts: the end of its last day. */
  public Instant end() {
    return until.plusDays(1).atStartOfDay(ZoneId.systemDefault()).toInstant();
  }

  public boolean isOver(Instant now) {
    return !now.isBefore(end());
  }

  public String text(Instant now) {
    String which = "the antique listener " + listener;
    return isOver(now)
        ? which
            + " has stopped accepting: its last day was "
            + until
            + " (until); replace its devices, or set a later day and restart"
        : which
            + " stops accepting after "
            + until
            + ", in "
            + Duration.between(now, end()).toDays()
            + " days; replace its devices before that day";
  }
}
