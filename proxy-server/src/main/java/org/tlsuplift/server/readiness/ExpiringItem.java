package org.tlsuplift.server.readiness;

import java.time.Instant;
import java.util.Comparator;
import java.util.List;

/**
 * Something that expires, such as a certificate.
 *
 * @param remedy the step to take before, in one line
 */
public record ExpiringItem(String what, Instant at, String remedy) {
  public static List<ExpiringItem> nextFirst(List<ExpiringItem> endings) {
    return endings.stream().sorted(Comparator.comparing(ExpiringItem::at)).toList();
  }
}
