package org.tlsuplift.proxy.route;

/** A text of the operator's, fit to stand in a message of one line. */
final class Quoted {
  private static final int MAX = 80;

  private Quoted() {}

  /** In quotation marks, cut short, with what is not printable ASCII replaced. */
  static String of(String text) {
    String cut = text.length() > MAX ? text.substring(0, MAX) + "..." : text;
    return "'" + cut.replaceAll("[^\\x20-\\x7e]", "?") + "'";
  }
}
