package org.tlsuplift.server.pages.text;

import java.time.Instant;

/**
 * A moment as lists show it.
 *
 * @param ago how long ago that was
 * @param exact to the minute, with its zone
 * @param machine for machines, as {@code datetime} of HTML's {@code time}
 */
public record When(String ago, String exact, String machine) {
  public static When of(Instant moment, Instant now) {
    return new When(
        PageText.ago(moment, now), PageText.minute(moment) + " UTC", PageText.machine(moment));
  }
}
