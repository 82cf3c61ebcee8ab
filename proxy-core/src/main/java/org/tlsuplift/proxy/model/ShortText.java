package org.tlsuplift.proxy.model;

import java.util.Collection;
import java.util.stream.Collectors;

/** Makes text of a peer or an operator fit for one line that people read. */
public final class ShortText {
  private static final int MAX_QUOTED = 80;

  private ShortText() {}

  /** The first so many characters; three dots show that there were more. */
  public static String cut(String text, int most) {
    return text.length() <= most ? text : text.substring(0, most) + "...";
  }

  /** The same with a question mark for whatever is not printable ASCII. */
  public static String printable(String text, int most) {
    return cut(text, most).replaceAll("[^ -~]", "?");
  }

  /** In quotation marks, at most 80 printable characters. */
  public static String quoted(String text) {
    return "'" + printable(text, MAX_QUOTED) + "'";
  }

  /** The first of these, and how many more there are. */
  public static String list(Collection<String> all, String separator, int most) {
    String shown = all.stream().limit(most).collect(Collectors.joining(separator));
    return all.size() <= most ? shown : shown + " and " + (all.size() - most) + " more";
  }
}
