package org.tlsuplift.server.insight.overview;

import java.time.Instant;
import java.util.Comparator;
import java.util.List;

/**
 * Something that ends by itself.
 *
 * @param what it is, such as the certificate of something
 * @param at when it ends
 * @param remedy what to do before that, in one line
 */
public record ExpiringItem(String what, Instant at, String remedy) {
  public static List<ExpiringItem> nextFirst(List<ExpiringItem> endings) {
    return endings.stream().sorted(Comparator.comparing(ExpiringItem::at)).toList();
  }
}
