package org.tlsuplift.proxy.route;

import org.tlsuplift.proxy.model.HostPort;
import org.tlsuplift.proxy.model.ShortText;

/** Parses host patterns. Its errors are messages for the operator. */
final class HostPatternParser {
  private static final int MAX_TEXT = 253;

  private HostPatternParser() {}

  static HostPattern parse(String text) {
    if (text.isBlank() || text.length() > MAX_TEXT) {
      throw new IllegalArgumentException(
          "expected a host pattern of 1 to " + MAX_TEXT + " characters");
    }
    if (text.contains("://")) {
      throw wrong(text, "is a URL; write the host alone");
    }
    if (text.chars().anyMatch(c -> c > 0x7e)) {
      throw wrong(text, "has letters outside ASCII; write the name in its xn-- form");
    }
    String pattern = HostPort.normalise(text);
    if (pattern.equals("*")) {
      return new HostPattern.Any();
    }
    if (pattern.indexOf('/') >= 0 || HostPort.isAddressLiteral(pattern)) {
      return new HostPattern.Subnet(Cidr.parse(pattern));
    }
    if (pattern.startsWith(".")) {
      throw wrong(
          text, "begins with a dot; for all names below it write " + ShortText.quoted("*" + text));
    }
    return pattern.indexOf('*') < 0 ? exact(text, pattern) : starred(text, pattern);
  }

  private static HostPattern exact(String text, String name) {
    if (!HostPort.isHostName(name)) {
      throw wrong(text, "is neither a host name, a pattern with * nor an address block");
    }
    return new HostPattern.Exact(name);
  }

  private static HostPattern starred(String text, String pattern) {
    int star = pattern.indexOf('*');
    if (pattern.indexOf('*', star + 1) >= 0) {
      throw wrong(text, "has more than one *; write one pattern for each");
    }
    String after = pattern.substring(star + 1);
    int dot = after.indexOf('.');
    if (dot < 0) {
      // "outlook.*" would match a domain that anybody can register.
      throw wrong(text, "has its * in the last label, so it matches domains of strangers");
    }
    HostPattern.Starred starred = new HostPattern.Starred(pattern.substring(0, star), after);
    if (!starred.wholeLabels() && starred.suffix().indexOf('.') < 0) {
      // "*contoso.com" would match evilcontoso.com.
      throw wrong(
          text,
          "also matches similar names of other owners; for all names below a domain write"
              + " '*.contoso.example'");
    }
    // A letter in place of the star must give a valid name.
    if (!HostPort.isHostName(pattern.replace('*', 'x'))) {
      throw wrong(text, "is not a host name with a *");
    }
    return starred;
  }

  private static IllegalArgumentException wrong(String text, String why) {
    return new IllegalArgumentException(ShortText.quoted(text) + " " + why);
  }
}
