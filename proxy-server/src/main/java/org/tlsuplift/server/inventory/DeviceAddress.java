package org.tlsuplift.server.inventory;

import io.netty.util.NetUtil;
import java.net.Inet6Address;
import java.net.InetAddress;
import java.net.UnknownHostException;
import java.util.Arrays;
import java.util.HexFormat;
import java.util.List;
import org.tlsuplift.proxy.route.Cidr;

/**
 * A device address in the two forms that the database stores.
 *
 * @param text the usual notation, IPv6 in short form (RFC 5952), without a scope
 * @param key 32 hexadecimal digits, IPv4 as an IPv4-mapped IPv6 address; keys sort in address order
 */
public record DeviceAddress(String text, String key) {
  /** The size of a key in bytes: one IPv6 address. */
  static final int KEY_BYTES = 16;

  private static final byte[] MAPPED = {0, 0, 0, 0, 0, 0, 0, 0, 0, 0, (byte) 0xff, (byte) 0xff};

  public static DeviceAddress of(InetAddress address) {
    byte[] bytes = address.getAddress();
    return new DeviceAddress(text(bytes), key(bytes));
  }

  /** The usual notation of an address, without a scope. */
  static String text(byte[] address) {
    try {
      // Drops the scope, and converts an IPv4-mapped address to IPv4.
      return NetUtil.toAddressString(InetAddress.getByAddress(address));
    } catch (UnknownHostException impossible) {
      throw new IllegalStateException(impossible);
    }
  }

  /** The address of a key. */
  public static InetAddress ofKey(String key) {
    try {
      return InetAddress.getByAddress(keyBytes(key));
    } catch (UnknownHostException impossible) {
      throw new IllegalStateException(impossible);
    }
  }

  /** Converts a key to {@value #KEY_BYTES} bytes, the input of {@link #text}. */
  static byte[] keyBytes(String key) {
    return HexFormat.of().parseHex(key);
  }

  /**
   * An SQL condition that a key column is inside a block. {@link #bounds} returns its two
   * parameters.
   */
  public static String within(String column, Cidr block) {
    // A large IPv6 block, such as ::/0, also contains the keys of IPv4 addresses.
    return column
        + " BETWEEN ? AND ?"
        + (block.network() instanceof Inet6Address
            ? " AND " + column + " NOT LIKE '" + HexFormat.of().formatHex(MAPPED) + "%'"
            : "");
  }

  /** The keys of the first and the last address in a block. */
  public static List<String> bounds(Cidr block) {
    return List.of(of(block.network()).key(), lastKey(block));
  }

  private static String lastKey(Cidr block) {
    byte[] last = block.network().getAddress();
    for (int bit = block.prefixLength(); bit < last.length * 8; bit++) {
      last[bit / 8] |= (byte) (0x80 >> (bit % 8));
    }
    return key(last);
  }

  private static String key(byte[] address) {
    byte[] whole = address;
    if (address.length != KEY_BYTES) {
      whole = Arrays.copyOf(MAPPED, KEY_BYTES);
      System.arraycopy(address, 0, whole, MAPPED.length, address.length);
    }
    return HexFormat.of().formatHex(whole);
  }
}
