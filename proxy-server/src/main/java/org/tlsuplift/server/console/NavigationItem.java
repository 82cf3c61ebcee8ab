package org.tlsuplift.server.console;

import java.util.function.BooleanSupplier;
import java.util.function.LongSupplier;

/**
 * A page in the navigation.
 *
 * @param place its order; a feature's page stands between two of these
 * @param shown whether the navigation has it now
 * @param count the number after its label; none for 0
 */
public record NavigationItem(
    int place, String path, String label, BooleanSupplier shown, LongSupplier count) {
  /** A page that is always shown. */
  public static NavigationItem of(int place, String path, String label) {
    return new NavigationItem(place, path, label, () -> true, () -> 0);
  }

  /** The text of the link. */
  public String text() {
    long now = count.getAsLong();
    return now > 0 ? "%s (%s)".formatted(label, PageText.number(now)) : label;
  }
}
