package org.tlsuplift.proxy.route;

import org.tlsuplift.proxy.model.HostPort;

/**
 * The hosts of a destination, in the notation of Microsoft's endpoint list and of CIDR.
 *
 * <ul>
 *   <li>{@code outlook.office365.com}: exactly that name.
 *   <li>{@code *.outlook.com}: every name below it, at any depth, but not {@code outlook.com}.
 *   <li>{@code autodiscover.*.onmicrosoft.com}: a star between dots stands for one or more labels.
 *       It needs more than one because hybrid tenants also use {@code
 *       autodiscover.contoso.mail.onmicrosoft.com}.
 *   <li>{@code *cdn.onenote.net}: a star that touches letters stands for any characters, or none.
 *   <li>{@code 10.0.0.0/8}, {@code 2001:db8::/32}, {@code 192.0.2.7}: address literals only; names
 *       are not resolved for a comparison.
 *   <li>{@code *}: every name and address.
 * </ul>
 *
 * <p>A pattern has at most one star, so a match is two comparisons and no text can make it slow.
 */
public sealed interface HostPattern {
  /**
   * Whether a host matches.
   *
   * @param host a name or address literal, normalised as in {@link HostPort}
   */
  boolean matches(String host);

  /**
   * Reads a pattern without ports.
   *
   * @throws IllegalArgumentException with a message for the operator
   */
  static HostPattern parse(String text) {
    return HostPatternParser.parse(text);
  }

  record Any() implements HostPattern {
    @Override
    public boolean matches(String host) {
      return true;
    }

    @Override
    public String toString() {
      return "*";
    }
  }

  record Exact(String name) implements HostPattern {
    @Override
    public boolean matches(String host) {
      return name.equals(host);
    }

    @Override
    public String toString() {
      return name;
    }
  }

  /**
   * Names with a given beginning and end.
   *
   * @param before the text before the star; may be empty
   * @param after the text after it; not empty
   */
  record Starred(String before, String after) implements HostPattern {
    @Override
    public boolean matches(String host) {
      int stood = host.length() - before.length() - after.length();
      return stood >= (wholeLabels() ? 1 : 0)
          && host.endsWith(after)
          && host.startsWith(before)
          // Only CIDR matches addresses: "*.1" must not match 10.0.0.1.
          && !HostPort.isAddressLiteral(host);
    }

    /** Whether the star stands for labels, bordered by dots or the beginning. */
    boolean wholeLabels() {
      return after.startsWith(".") && (before.isEmpty() || before.endsWith("."));
    }

    /** The whole labels after the star; all matching names end with them. */
    String suffix() {
      return after.substring(after.indexOf('.') + 1);
    }

    @Override
    public String toString() {
      return before + "*" + after;
    }
  }

  record Subnet(Cidr cidr) implements HostPattern {
    @Override
    public boolean matches(String host) {
      return Cidr.address(host).filter(cidr::contains).isPresent();
    }

    @Override
    public String toString() {
      return cidr.toString();
    }
  }
}
