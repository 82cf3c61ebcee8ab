package org.tlsuplift.proxy.model;

import java.net.InetAddress;
import java.net.UnknownHostException;
import java.util.Locale;
import java.util.Optional;
import java.util.regex.Pattern;

/**
 * A host name or address literal, and a TCP port.
 *
 * <p>The authority form of RFC 9110 section 9.3.6 and RFC 3986 section 3.2.2: {@code host:port}, an
 * IPv6 address in brackets.
 *
 * @param host lower case, without brackets and without a trailing dot, 1 to 253 characters
 * @param port 1 to 65535
 */
public record HostPort(String host, int port) {
  private static final int MAX_HOST = 253;
  private static final Pattern NAME =
      Pattern.compile(
          "[a-z0-9_]([a-z0-9_-]{0,61}[a-z0-9_])?(\\.[a-z0-9_]([a-z0-9_-]{0,61}[a-z0-9_])?)*");
  private static final Pattern IPV6 = Pattern.compile("[0-9a-f:.]{2,45}");
  private static final Pattern IPV4 =
      Pattern.compile("(25[0-5]|2[0-4]\\d|1?\\d?\\d)(\\.(25[0-5]|2[0-4]\\d|1?\\d?\\d)){3}");
  private static final Pattern DIGITS_AND_DOTS = Pattern.compile("[0-9.]+");

  /** Normalises the host; refuses text that is neither a host name nor an address. */
  public HostPort {
    host = normalise(host);
    if (!isName(host) && !isAddressLiteral(host)) {
      throw new IllegalArgumentException("not a host name or address");
    }
    if (port < 1 || port > 65535) {
      throw new IllegalArgumentException("port " + port + " is not within 1 to 65535");
    }
  }

  /**
   * Reads {@code host:port}.
   *
   * @return empty if the text is not an authority with an explicit port
   */
  public static Optional<HostPort> parse(String authority) {
    int colon = authority.lastIndexOf(':');
    if (colon < 1 || authority.length() > MAX_HOST + 8) {
      return Optional.empty();
    }
    String host = authority.substring(0, colon);
    boolean bracketed = host.startsWith("[") && host.endsWith("]");
    if (bracketed) {
      host = host.substring(1, host.length() - 1);
    }
    String digits = authority.substring(colon + 1);
    if (bracketed != host.contains(":") || !digits.matches("[0-9]{1,5}")) {
      return Optional.empty();
    }
    try {
      return Optional.of(new HostPort(host, Integer.parseInt(digits)));
    } catch (IllegalArgumentException invalid) {
      return Optional.empty();
    }
  }

  public boolean isAddressLiteral() {
    return isAddressLiteral(host);
  }

  /** Whether a text is an IPv4 or IPv6 address (without brackets). */
  public static boolean isAddressLiteral(String host) {
    return IPV4.matcher(host).matches() || (host.indexOf(':') >= 0 && address(host).isPresent());
  }

  /** Whether a text is a host name that could be in a certificate: lower case, no trailing dot. */
  public static boolean isHostName(String host) {
    return isName(host) && !IPV4.matcher(host).matches();
  }

  /**
   * The name after the star of a certificate's wildcard for one label: {@code *.example.com} (RFC
   * 9525 section 6.3). Empty for other names, and for a whole top-level domain.
   *
   * @param name normalised
   */
  public static Optional<String> wildcardSuffix(String name) {
    return Optional.of(name)
        .filter(wildcard -> wildcard.startsWith("*."))
        .map(wildcard -> wildcard.substring(2))
        .filter(suffix -> suffix.indexOf('.') > 0 && isHostName(suffix));
  }

  /** Lower case, without a trailing dot. */
  public static String normalise(String host) {
    String lower = host.toLowerCase(Locale.ROOT);
    return lower.endsWith(".") ? lower.substring(0, lower.length() - 1) : lower;
  }

  /** The address in a literal; empty for a name. Never queries DNS. */
  public static Optional<InetAddress> address(String host) {
    if (!IPV4.matcher(host).matches() && (host.indexOf(':') < 0 || !IPV6.matcher(host).matches())) {
      return Optional.empty();
    }
    try {
      // Digits and dots, or a colon: this only parses.
      return Optional.of(InetAddress.getByName(host));
    } catch (UnknownHostException malformed) {
      return Optional.empty();
    }
  }

  private static boolean isName(String host) {
    if (host.length() > MAX_HOST || !NAME.matcher(host).matches()) {
      return false;
    }
    // RFC 3696 section 2: a text of digits and dots is an address or invalid.
    return !DIGITS_AND_DOTS.matcher(host).matches() || IPV4.matcher(host).matches();
  }

  @Override
  public String toString() {
    return host.indexOf(':') >= 0 ? "[" + host + "]:" + port : host + ":" + port;
  }
}
