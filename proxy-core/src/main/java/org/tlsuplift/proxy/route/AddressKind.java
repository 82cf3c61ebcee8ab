package org.tlsuplift.proxy.route;

import java.net.InetAddress;
import java.net.UnknownHostException;
import java.util.Arrays;
import java.util.List;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/**
 * The kind of network that an address belongs to, by the IANA registries of special-purpose
 * addresses (RFC 6890). Only addresses that the whole Internet reaches are public.
 *
 * <p>An IPv6 address with an embedded IPv4 address counts as that IPv4 address: mapped and
 * compatible addresses (RFC 4291 section 2.5.5), translated ones (RFC 2765, RFC 6052), 6to4 (RFC
 * 3056), Teredo (RFC 4380) and ISATAP (RFC 5214). Prefixes for local translation (RFC 8215) are
 * private at least.
 */
public enum AddressKind {
  /** This machine (RFC 1122, RFC 4291). */
  LOOPBACK("loopback"),
  /** No address, or a host on this network (RFC 1122). */
  UNSPECIFIED("unspecified"),
  /** This link (RFC 3927, RFC 4291). Metadata services of clouds use such addresses. */
  LINK_LOCAL("link-local"),
  /** Multicast (RFC 5771, RFC 4291), broadcast, or reserved (RFC 1112, RFC 4291 section 2.4). */
  MULTICAST("multicast or reserved"),
  /**
   * Private networks (RFC 1918, RFC 4193, RFC 3879), carrier-grade NAT (RFC 6598), and what else
   * the Internet does not route: benchmarks, protocol assignments and documentation.
   */
  PRIVATE("private"),
  PUBLIC("public");

  private static final int IPV4_BYTES = 4;

  /** An address with one of these prefixes ends with an IPv4 address. */
  private static final byte[][] ENDING_IN_IPV4 = {
    new byte[12],
    {0, 0, 0, 0, 0, 0, 0, 0, 0, 0, -1, -1},
    {0, 0, 0, 0, 0, 0, 0, 0, -1, -1, 0, 0},
    {0, 0x64, -1, (byte) 0x9b, 0, 0, 0, 0, 0, 0, 0, 0}
  };

  private static final byte[] IPV6_LOOPBACK = {0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 1};
  private static final byte[] SIX_TO_FOUR = {0x20, 0x02};
  private static final byte[] TEREDO = {0x20, 0x01, 0, 0};
  private static final byte[] LOCAL_TRANSLATION = {0, 0x64, -1, (byte) 0x9b, 0, 1};

  /**
   * The positions of an IPv4 address behind a prefix of 48, 56, 64 and 96 bits (RFC 6052 section
   * 2.2). The network alone knows the length of its prefix.
   */
  private static final int[][] TRANSLATED = {
    {6, 7, 9, 10}, {7, 9, 10, 11}, {9, 10, 11, 12}, {12, 13, 14, 15}
  };

  /** The start of the interface identifier of ISATAP, without the bit for unique addresses. */
  private static final int ISATAP = 0x5efe;

  /** Networks that the Internet does not route. */
  private static final List<Cidr> UNROUTED =
      Stream.of(
              // RFC 1918
              "10.0.0.0/8",
              "172.16.0.0/12",
              "192.168.0.0/16",
              // Carrier-grade NAT (RFC 6598)
              "100.64.0.0/10",
              // Protocol assignments (RFC 6890), such as the addresses of a translator (RFC 7335)
              "192.0.0.0/24",
              // Documentation (RFC 5737, RFC 3849, RFC 9637)
              "192.0.2.0/24",
              "198.51.100.0/24",
              "203.0.113.0/24",
              "2001:db8::/32",
              "3fff::/20",
              // The closest 6to4 relay, deprecated (RFC 7526)
              "192.88.99.0/24",
              // Benchmarks (RFC 2544)
              "198.18.0.0/15",
              // Protocol assignments (RFC 2928), with benchmarks (RFC 5180) and identifiers (RFC
              // 7343)
              "2001::/23",
              // RFC 4193, RFC 3879
              "fc00::/7",
              "fec0::/10",
              // Discarded (RFC 6666), and a dummy prefix (RFC 9780)
              "100::/63")
          .map(Cidr::parse)
          .toList();

  private final String label;

  AddressKind(String label) {
    this.label = label;
  }

  public String label() {
    return label;
  }

  public static AddressKind of(InetAddress address) {
    byte[] bytes = address.getAddress();
    return bytes.length == IPV4_BYTES ? ofIpv4(bytes) : ofIpv6(bytes);
  }

  private static AddressKind ofIpv4(byte... bytes) {
    int first = bytes[0] & 0xff;
    int second = bytes[1] & 0xff;
    if (first == 127) {
      return LOOPBACK;
    } else if (first == 0) {
      return UNSPECIFIED;
    } else if (first == 169 && second == 254) {
      return LINK_LOCAL;
    } else if (first >= 224) {
      return MULTICAST;
    }
    return isUnrouted(bytes) ? PRIVATE : PUBLIC;
  }

  private static AddressKind ofIpv6(byte[] bytes) {
    if (Arrays.equals(bytes, IPV6_LOOPBACK)) {
      return LOOPBACK;
    }
    byte[] ipv4 = embedded(bytes);
    AddressKind kind = ipv4 == null ? ofPrefix(bytes) : ofIpv4(ipv4);
    boolean isatap = (bytes[8] & ~2) == 0 && bytes[9] == 0 && twoBytes(bytes, 10) == ISATAP;
    // On another host of the tunnel.
    return kind == PUBLIC && isatap ? ofIpv4(Arrays.copyOfRange(bytes, 12, 16)) : kind;
  }

  private static AddressKind ofPrefix(byte[] bytes) {
    int tenBits = twoBytes(bytes, 0) >> 6;
    if (tenBits == 0xfe80 >> 6) {
      return LINK_LOCAL;
    } else if (begins(bytes, LOCAL_TRANSLATION)) {
      return ofTranslated(bytes);
    } else if (isUnrouted(bytes)) {
      return PRIVATE;
    }
    boolean globalUnicast = tenBits >> 7 == 1;
    return globalUnicast ? PUBLIC : MULTICAST;
  }

  /**
   * An attacker may choose the other bits, so the address is as dangerous as its worst reading. A
   * reading that is not the network's own is rarely loopback or link-local by chance.
   */
  private static AddressKind ofTranslated(byte[] bytes) {
    for (int[] at : TRANSLATED) {
      AddressKind kind = ofIpv4(bytes[at[0]], bytes[at[1]], bytes[at[2]], bytes[at[3]]);
      if (kind == LOOPBACK || kind == LINK_LOCAL) {
        return kind;
      }
    }
    return PRIVATE;
  }

  private static boolean isUnrouted(byte[] bytes) {
    try {
      InetAddress address = InetAddress.getByAddress(bytes);
      return UNROUTED.stream().anyMatch(network -> network.contains(address));
    } catch (UnknownHostException impossible) {
      throw new IllegalStateException("an address of " + bytes.length + " bytes", impossible);
    }
  }

  private static int twoBytes(byte[] bytes, int at) {
    return ((bytes[at] & 0xff) << 8) | (bytes[at + 1] & 0xff);
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
