package org.tlsuplift.server.authority;

import java.time.Duration;
import java.time.Instant;
import java.time.LocalDate;
import java.time.ZoneId;
import java.util.List;
import java.util.Objects;
import java.util.Set;
import java.util.stream.Collectors;
import org.tlsuplift.server.config.ListenerConfig;
import org.tlsuplift.server.config.ServerConfig;

/**
 * The last day of an antique listener.
 *
 * @param listener the listener's name
 * @param until the last day, in this machine's time zone
 */
public record ListenerExpiry(String listener, LocalDate until) {
  /** The last days in a checked configuration, in its order. */
  public static List<ListenerExpiry> of(ServerConfig config) {
    return config.listeners().stream()
        .filter(listener -> listener.tls().profile() == ListenerConfig.Profile.ANTIQUE)
        .map(ListenerExpiry::of)
        .toList();
  }

  /** The names of the antique listeners whose last day has passed. Their ports stay closed. */
  public static Set<String> over(ServerConfig config) {
    Instant now = Instant.now();
    return of(config).stream()
        .filter(expiry -> expiry.isOver(now))
        .map(ListenerExpiry::listener)
        .collect(Collectors.toSet());
  }

  /** The last day of one antique listener. */
  static ListenerExpiry of(ListenerConfig listener) {
    return new ListenerExpiry(
        listener.name(), Objects.requireNonNull(listener.tls().until(), "until"));
  }

  /** The time when the listener stops accepting: the end of the last day. */
  public Instant end() {
    return until.plusDays(1).atStartOfDay(ZoneId.systemDefault()).toInstant();
  }

  public boolean isOver(Instant now) {
    return !now.isBefore(end());
  }

  public String text(Instant now) {
    String which = "the antique listener " + listener;
    return isOver(now)
        ? "%s has stopped accepting: its last day was %s (until); replace its devices, or set a later day and reload"
            .formatted(which, until)
        : "%s stops accepting after %s, in %s days; replace its devices before that day"
            .formatted(which, until, Duration.between(now, end()).toDays());
  }
}
