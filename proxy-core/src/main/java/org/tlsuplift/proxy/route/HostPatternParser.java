package org.tlsuplift.proxy.route;

import org.tlsuplift.proxy.model.HostPort;
import org.tlsuplift.proxy.model.ShortText;

/** Reads host patterns; errors are in the operator's words. */
final class HostPatternParser {
  private static final int MAX_TEXT = 253;

  private HostPatternParser() {}

  static HostPattern parse(String text) {
    if (text.isBlank() || text.length() > MAX_TEXT) {
      throw new IllegalArgumentException("a host pattern has 1 to " + MAX_TEXT + " characters");
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
      // "outlook.*" would mean outlook.of-anybody.example.
      throw wrong(text, "has its * in the last label, which anybody can register");
    }
    HostPattern.Starred starred = new HostPattern.Starred(pattern.substring(0, star), after);
    if (!starred.wholeLabels() && starred.suffix().indexOf('.') < 0) {
      // "*contoso.com" would mean evilcontoso.com.
      throw wrong(
          text,
          "also means names of other owners that look alike; for all names below a domain write"
              + " '*.contoso.example'");
    }
    // One letter in place of the star shows whether the rest is a name.
    if (!HostPort.isHostName(pattern.replace('*', 'x'))) {
      throw wrong(text, "is not a host name with a *");
    }
    return starred;
  }

  private static IllegalArgumentException wrong(String text, String why) {
    return new IllegalArgumentException(ShortText.quoted(text) + " " + why);
  }
}
