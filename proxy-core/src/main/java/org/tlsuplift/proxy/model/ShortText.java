package org.tlsuplift.proxy.model;

import java.util.Collection;
import java.util.regex.Pattern;
import java.util.stream.Collectors;

/** Shortens text from a peer or an operator so that it fits into one line. */
public final class ShortText {
  private static final int MAX_QUOTED = 80;
  private static final Pattern UNPRINTABLE = Pattern.compile("[^ -~]");

  private static final Pattern ARGUMENT =
      Pattern.compile("[0-9A-Za-z_\\[][0-9A-Za-z._@:+\\[\\]-]{0,319}");

  private static final Pattern PATH = Pattern.compile("[A-Za-z0-9_./:\\\\-]+");

  private ShortText() {}

  /** At most {@code most} characters, then three dots if the text is longer. */
  public static String cut(String text, int most) {
    return text.length() <= most ? text : text.substring(0, most) + "...";
  }

  /**
   * At most {@code most} characters, then three dots if the text is longer. A question mark
   * replaces each character outside printable ASCII.
   */
  public static String printable(String text, int most) {
    return printable(cut(text, most));
  }

  /** The text with a question mark in place of each character outside printable ASCII. */
  public static String printable(String text) {
    return UNPRINTABLE.matcher(text).replaceAll("?");
  }

  /** In quotation marks, at most 80 printable characters. */
  public static String quoted(String text) {
    return "'" + printable(text, MAX_QUOTED) + "'";
  }

  /**
   * A name from outside for a command that people paste.
   *
   * @param otherwise stands for a name with a character that a shell may interpret
   */
  public static String argument(String name, String otherwise) {
    return ARGUMENT.matcher(name).matches() ? name : otherwise;
  }

  /** A path as an argument that can be pasted into a shell, whatever is in it. */
  public static String shell(String path) {
    return PATH.matcher(path).matches() ? path : "'" + path.replace("'", "'\\''") + "'";
  }

  /** The first {@code most} elements, then the number of the others. */
  public static String list(Collection<String> all, String separator, int most) {
    String shown = all.stream().limit(most).collect(Collectors.joining(separator));
    return all.size() <= most ? shown : shown + " and " + (all.size() - most) + " more";
  }
}
