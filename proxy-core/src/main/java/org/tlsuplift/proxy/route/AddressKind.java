package org.tlsuplift.proxy.route;

import java.net.InetAddress;
import java.util.Arrays;
import org.jspecify.annotations.Nullable;

/**
 * The kind of network that an address belongs to, by the IANA registries of special-purpose
 * addresses (RFC 6890).
 *
 * <p>An IPv6 address with an embedded IPv4 address counts as that IPv4 address: mapped and
 * compatible addresses (RFC 4291 section 2.5.5), translated ones (RFC 2765, RFC 6052, RFC 8215),
 * 6to4 (RFC 3056) and Teredo (RFC 4380).
 */
public enum AddressKind {
  /** This machine (RFC 1122, RFC 4291). */
  LOOPBACK("loopback"),
  /** No address, or a host on this network (RFC 1122). */
  UNSPECIFIED("unspecified"),
  /** This link (RFC 3927, RFC 4291). Metadata services of clouds use such addresses. */
  LINK_LOCAL("link-local"),
  /** Multicast (RFC 5771, RFC 4291), broadcast, or reserved (RFC 1112). */
  MULTICAST("multicast or reserved"),
  /** Private networks (RFC 1918, RFC 4193, RFC 3879) and carrier-grade NAT (RFC 6598). */
  PRIVATE("private"),
  PUBLIC("public");

  private static final int IPV4_BYTES = 4;

  /** An address with one of these prefixes ends with an IPv4 address. */
  private static final byte[][] ENDING_IN_IPV4 = {
    new byte[12],
    {0, 0, 0, 0, 0, 0, 0, 0, 0, 0, -1, -1},
    {0, 0, 0, 0, 0, 0, 0, 0, -1, -1, 0, 0},
    {0, 0x64, -1, (byte) 0x9b, 0, 0, 0, 0, 0, 0, 0, 0},
    {0, 0x64, -1, (byte) 0x9b, 0, 1}
  };

  private static final byte[] IPV6_LOOPBACK = {0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 1};
  private static final byte[] SIX_TO_FOUR = {0x20, 0x02};
  private static final byte[] TEREDO = {0x20, 0x01, 0, 0};

  private final String label;

  AddressKind(String label) {
    this.label = label;
  }

  public String label() {
    return label;
  }

  public static AddressKind of(InetAddress address) {
    byte[] bytes = address.getAddress();
    byte[] ipv4 = bytes.length == IPV4_BYTES ? bytes : embedded(bytes);
    return ipv4 == null ? ofIpv6(bytes) : ofIpv4(ipv4, bytes);
  }

  private static AddressKind ofIpv4(byte[] ipv4, byte[] whole) {
    int first = ipv4[0] & 0xff;
    int second = ipv4[1] & 0xff;
    if (first == 127 || Arrays.equals(whole, IPV6_LOOPBACK)) {
      return LOOPBACK;
    } else if (first == 0) {
      return UNSPECIFIED;
    } else if (first == 169 && second == 254) {
      return LINK_LOCAL;
    } else if (first >= 224) {
      return MULTICAST;
    }
    boolean inside =
        first == 10
            || (first == 172 && second >> 4 == 1)
            || (first == 192 && second == 168)
            || (first == 100 && second >> 6 == 1);
    return inside ? PRIVATE : PUBLIC;
  }

  private static AddressKind ofIpv6(byte[] bytes) {
    int first = bytes[0] & 0xff;
    int tenBits = first << 2 | (bytes[1] & 0xff) >> 6;
    if (first == 0xff) {
      return MULTICAST;
    } else if (tenBits == 0xfe80 >> 6) {
      return LINK_LOCAL;
    }
    return first >> 1 == 0xfc >> 1 || tenBits == 0xfec0 >> 6 ? PRIVATE : PUBLIC;
  }

  private static byte @Nullable [] embedded(byte[] bytes) {
    for (byte[] prefix : ENDING_IN_IPV4) {
      if (begins(bytes, prefix)) {
        return Arrays.copyOfRange(bytes, 12, 16);
      }
    }
    if (begins(bytes, SIX_TO_FOUR)) {
      return Arrays.copyOfRange(bytes, 2, 6);
    }
    if (begins(bytes, TEREDO)) {
      byte[] inverted = Arrays.copyOfRange(bytes, 12, 16);
      for (int i = 0; i < inverted.length; i++) {
        inverted[i] ^= (byte) 0xff;
      }
      return inverted;
    }
    return null;
  }

  private static boolean begins(byte[] bytes, byte[] prefix) {
    return Arrays.equals(bytes, 0, prefix.length, prefix, 0, prefix.length);
  }
}
