package org.tlsuplift.proxy.model;

import java.net.Inet6Address;
import java.net.InetAddress;
import java.net.UnknownHostException;
import java.util.Arrays;

/**
 * The unit that limits count as one device: an IPv4 address, or a whole IPv6 network, because one
 * host can use every address of its network (RFC 6177).
 *
 * @param ipv6PrefixLength the prefix length of such a network, {@link #MIN_PREFIX} to {@link
 *     #MAX_PREFIX}
 */
public record DeviceNetworks(int ipv6PrefixLength) {
  /** A whole site. */
  public static final int MIN_PREFIX = 48;

  /** Each address counts as a device. */
  public static final int MAX_PREFIX = 128;

  /** One network in which hosts configure their own addresses (RFC 4862). */
  public static final DeviceNetworks DEFAULT = new DeviceNetworks(64);

  public DeviceNetworks {
    if (ipv6PrefixLength < MIN_PREFIX || ipv6PrefixLength > MAX_PREFIX) {
      throw new IllegalArgumentException(
          "got IPv6 prefix length %s; expected %s to %s"
              .formatted(ipv6PrefixLength, MIN_PREFIX, MAX_PREFIX));
    }
  }

  /** The address that stands for a device: its own, or the first of its IPv6 network. */
  public InetAddress of(InetAddress device) {
    return device instanceof Inet6Address ? first(device, ipv6PrefixLength) : device;
  }

  /** The first address of the block with this prefix length that contains an address. */
  public static InetAddress first(InetAddress address, int prefixLength) {
    byte[] bytes = address.getAddress();
    int whole = prefixLength / 8;
    if (whole < bytes.length) {
      bytes[whole] &= (byte) (0xff00 >> (prefixLength % 8));
      Arrays.fill(bytes, whole + 1, bytes.length, (byte) 0);
    }
    try {
      return InetAddress.getByAddress(bytes);
    } catch (UnknownHostException impossible) {
      throw new IllegalStateException("an address of " + bytes.length + " bytes", impossible);
    }
  }
}
