package org.tlsuplift.proxy.ca;

import io.netty.util.NetUtil;
import java.net.Inet6Address;
import java.net.UnknownHostException;
import java.util.Arrays;
import java.util.Optional;
import org.jspecify.annotations.Nullable;
import org.tlsuplift.proxy.model.HostPort;

/** A block of IPv4 or IPv6 addresses, as an address and a mask of the same length (RFC 5280). */
final class AddressBlock {
  private final byte[] address;
  private final byte[] mask;

  private AddressBlock(byte[] address, byte[] mask) {
    this.address = and(address, mask);
    this.mask = mask;
  }

  /**
   * Reads {@code 10.0.0.0/8}, {@code 2001:db8::/32} or a single address.
   *
   * @throws IllegalArgumentException for anything else
   */
  static AddressBlock parse(String text) {
    int slash = text.indexOf('/');
    byte[] address = octets(slash < 0 ? text : text.substring(0, slash)).orElse(null);
    if (address == null) {
      throw new IllegalArgumentException("\"" + text + "\" is not an address or CIDR block");
    }
    int bits = address.length * 8;
    String digits = slash < 0 ? Integer.toString(bits) : text.substring(slash + 1);
    if (!digits.matches("[0-9]{1,3}") || Integer.parseInt(digits) > bits) {
      throw new IllegalArgumentException(
          "\"" + text + "\" has no prefix length within 0 to " + bits);
    }
    return new AddressBlock(address, maskOf(Integer.parseInt(digits), address.length));
  }

  /** The address and mask octets of a name constraint (RFC 5280 section 4.2.1.10). */
  static Optional<AddressBlock> ofConstraint(byte[] octets) {
    if (octets.length != 8 && octets.length != 32) {
      return Optional.empty();
    }
    int half = octets.length / 2;
    return Optional.of(
        new AddressBlock(
            Arrays.copyOf(octets, half), Arrays.copyOfRange(octets, half, octets.length)));
  }

  /** The 4 or 16 octets of an address literal; never asks a name server. */
  static Optional<byte[]> octets(String literal) {
    // Netty would accept brackets and zones, which have no place in a certificate.
    if (!HostPort.isAddressLiteral(literal)) {
      return Optional.empty();
    }
    byte @Nullable [] octets = NetUtil.createByteArrayFromIpAddressString(literal);
    return Optional.ofNullable(octets);
  }

  boolean contains(byte[] candidate) {
    return candidate.length == address.length && Arrays.equals(and(candidate, mask), address);
  }

  boolean contains(AddressBlock other) {
    return contains(other.address) && Arrays.equals(and(other.mask, mask), mask);
  }

  boolean overlaps(AddressBlock other) {
    if (other.address.length != address.length) {
      return false;
    }
    byte[] shared = and(mask, other.mask);
    return Arrays.equals(and(address, shared), and(other.address, shared));
  }

  /** Address and mask together, as in a name constraint. */
  byte[] toConstraint() {
    byte[] both = Arrays.copyOf(address, address.length * 2);
    System.arraycopy(mask, 0, both, address.length, mask.length);
    return both;
  }

  private static byte[] maskOf(int prefix, int length) {
    byte[] mask = new byte[length];
    for (int bit = 0; bit < prefix; bit++) {
      mask[bit / 8] |= (byte) (0x80 >>> (bit % 8));
    }
    return mask;
  }

  private static byte[] and(byte[] left, byte[] right) {
    byte[] result = new byte[left.length];
    for (int i = 0; i < result.length; i++) {
      result[i] = (byte) (left[i] & right[i]);
    }
    return result;
  }

  /** In CIDR form if the mask is a prefix, otherwise with the mask. */
  @Override
  public String toString() {
    int prefix = 0;
    for (byte each : mask) {
      prefix += Integer.bitCount(each & 0xff);
    }
    boolean contiguous = Arrays.equals(mask, maskOf(prefix, mask.length));
    String suffix = contiguous ? Integer.toString(prefix) : text(mask);
    return text(address) + "/" + suffix;
  }

  /** IPv6 as in RFC 5952. */
  private static String text(byte[] octets) {
    try {
      return octets.length == 4
          ? NetUtil.bytesToIpAddress(octets)
          : NetUtil.toAddressString(Inet6Address.getByAddress(null, octets, -1));
    } catch (UnknownHostException impossible) {
      throw new IllegalStateException("not 4 or 16 octets", impossible);
    }
  }
}
