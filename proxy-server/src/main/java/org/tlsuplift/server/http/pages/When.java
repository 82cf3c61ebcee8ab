package org.tlsuplift.server.http.pages;

import java.time.Instant;
import org.tlsuplift.server.console.PageText;

/**
 * A moment, as texts for lists.
 *
 * @param ago the time since then, in words
 * @param exact to the minute, with its zone
 * @param machine for machines, as {@code datetime} of HTML's {@code time}
 */
public record When(String ago, String exact, String machine) {
  public static When of(Instant moment, Instant now) {
    return new When(
        PageText.ago(moment, now), PageText.minute(moment) + " UTC", PageText.machine(moment));
  }
}
