package org.tlsuplift.proxy.model;

import java.util.Collection;
import java.util.stream.Collectors;

/** Lists of others' making, in messages for people: a log line stays a line. */
public final class Listing {
  private Listing() {}

  /** The first of these, and how many more there are. */
  public static String of(Collection<String> all, String separator, int most) {
    String shown = all.stream().limit(most).collect(Collectors.joining(separator));
    return all.size() <= most ? shown : shown + " and " + (all.size() - most) + " more";
  }
}
