package org.tlsuplift.proxy.model;

import java.net.Inet6Address;
import java.net.InetAddress;
import java.net.UnknownHostException;
import java.util.Arrays;

/**
 * What counts as one device for limits: an IPv4 address, or a whole IPv6 network, because one host
 * can use every address of its network (RFC 6177).
 *
 * @param ipv6PrefixLength the length of such a network, {@link #SHORTEST} to {@link #LONGEST}
 */
public record DeviceNetworks(int ipv6PrefixLength) {
  /** The prefix of a site. */
  public static final int SHORTEST = 48;

  /** Each address counts for itself. */
  public static final int LONGEST = 128;

  /** One network in which hosts configure addresses (RFC 4862): 64 bits. */
  public static final DeviceNetworks DEFAULT = new DeviceNetworks(64);

  public DeviceNetworks {
    if (ipv6PrefixLength < SHORTEST || ipv6PrefixLength > LONGEST) {
      throw new IllegalArgumentException(
          "an IPv6 prefix has " + SHORTEST + " to " + LONGEST + " bits, not " + ipv6PrefixLength);
    }
  }

  /** The address under which a device is counted: its own, or the first of its IPv6 network. */
  public InetAddress of(InetAddress device) {
    return device instanceof Inet6Address ? first(device, ipv6PrefixLength) : device;
  }

  /** The first address of the block of this length that an address is in. */
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
