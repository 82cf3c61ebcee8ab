package org.tlsuplift.proxy.route;

import java.net.Inet6Address;
import java.net.InetAddress;
import java.util.Optional;
import org.tlsuplift.proxy.model.DeviceNetworks;
import org.tlsuplift.proxy.model.HostPort;
import org.tlsuplift.proxy.model.ShortText;

/**
 * A block of addresses in the notation of RFC 4632 and RFC 4291, such as {@code 10.0.0.0/8}.
 *
 * <p>An IPv4 address that is mapped into IPv6 (RFC 4291 section 2.5.5.2) counts as IPv4, so that
 * {@code ::ffff:10.0.0.1} cannot slip past {@code 10.0.0.0/8}.
 *
 * @param network the first address of the block
 * @param prefixLength 0 to 32 for IPv4, 0 to 128 for IPv6
 */
public record Cidr(InetAddress network, int prefixLength) {
  /** Refuses a prefix that is too long, and an address with bits set after the prefix. */
  public Cidr {
    int bits = network.getAddress().length * 8;
    if (prefixLength < 0 || prefixLength > bits) {
      throw new IllegalArgumentException(
          "prefix length " + prefixLength + " is not within 0 to " + bits);
    }
    InetAddress first = DeviceNetworks.first(network, prefixLength);
    if (!first.equals(network)) {
      throw new IllegalArgumentException(
          "the address has bits set after the prefix; write %s/%s"
              .formatted(first.getHostAddress(), prefixLength));
    }
  }

  /**
   * Reads {@code address/length}, or an address alone for a block of one.
   *
   * @throws IllegalArgumentException with a message for the operator
   */
  public static Cidr parse(String text) {
    int slash = text.indexOf('/');
    String host = slash < 0 ? text : text.substring(0, slash);
    InetAddress address =
        address(HostPort.normalise(host))
            .orElseThrow(
                () ->
                    new IllegalArgumentException(
                        "%s is not an IPv4 or IPv6 address; write 10.0.0.0/8 or 2001:db8::/32"
                            .formatted(ShortText.quoted(host))));
    int bits = address.getAddress().length * 8;
    if (slash < 0) {
      return new Cidr(address, bits);
    }
    String length = text.substring(slash + 1);
    if (!length.matches("[0-9]{1,3}")) {
      throw new IllegalArgumentException(
          "prefix length " + ShortText.quoted(length) + " is not a number from 0 to " + bits);
    }
    return new Cidr(address, Integer.parseInt(length));
  }

  public boolean contains(InetAddress address) {
    return DeviceNetworks.first(unmapped(address), prefixLength).equals(network);
  }

  /** The address in a literal; empty for a name. Never queries DNS. */
  static Optional<InetAddress> address(String host) {
    return HostPort.address(host).map(Cidr::unmapped);
  }

  /** Relies on the JDK, which turns the bytes of a mapped address into IPv4. */
  private static InetAddress unmapped(InetAddress address) {
    return address instanceof Inet6Address ? DeviceNetworks.first(address, 128) : address;
  }

  @Override
  public String toString() {
    return network.getHostAddress() + "/" + prefixLength;
  }
}
