package org.tlsuplift.proxy.ca;

import io.netty.util.NetUtil;
import java.math.BigInteger;
import java.net.Inet6Address;
import java.net.UnknownHostException;
import java.util.Optional;
import org.bouncycastle.util.Arrays;
import org.bouncycastle.util.BigIntegers;
import org.jspecify.annotations.Nullable;
import org.tlsuplift.proxy.model.HostPort;

/**
 * A block of IPv4 or IPv6 addresses, as an address and a mask of the same length (RFC 5280).
 *
 * @param octets the number of octets of each of the two
 */
record AddressBlock(int octets, BigInteger address, BigInteger mask) {
  AddressBlock {
    address = address.and(mask);
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
    return new AddressBlock(
        address.length, new BigInteger(1, address), prefixMask(Integer.parseInt(digits), bits));
  }

  /**
   * Reads the address and mask octets of a name constraint (RFC 5280 section 4.2.1.10).
   *
   * @throws IllegalArgumentException for anything else
   */
  static AddressBlock ofConstraint(byte[] both) {
    if (both.length != 8 && both.length != 32) {
      throw new IllegalArgumentException("not an address and mask");
    }
    int half = both.length / 2;
    return new AddressBlock(
        half, new BigInteger(1, both, 0, half), new BigInteger(1, both, half, half));
  }

  /** The 4 or 16 octets of an address literal. Never queries DNS. */
  static Optional<byte[]> octets(String literal) {
    // Netty would accept brackets and zones, which have no place in a certificate.
    if (!HostPort.isAddressLiteral(literal)) {
      return Optional.empty();
    }
    byte @Nullable [] octets = NetUtil.createByteArrayFromIpAddressString(literal);
    return Optional.ofNullable(octets);
  }

  boolean contains(byte[] candidate) {
    return candidate.length == octets && new BigInteger(1, candidate).and(mask).equals(address);
  }

  boolean contains(AddressBlock other) {
    return other.octets == octets
        && other.address.and(mask).equals(address)
        && other.mask.and(mask).equals(mask);
  }

  boolean overlaps(AddressBlock other) {
    return other.octets == octets && address.and(other.mask).equals(other.address.and(mask));
  }

  /** Address and mask together, as in a name constraint. */
  byte[] toConstraint() {
    return Arrays.concatenate(bytes(address), bytes(mask));
  }

  private static BigInteger prefixMask(int prefix, int bits) {
    return BigInteger.ONE.shiftLeft(prefix).subtract(BigInteger.ONE).shiftLeft(bits - prefix);
  }

  private byte[] bytes(BigInteger value) {
    return BigIntegers.asUnsignedByteArray(octets, value);
  }

  /** In CIDR form if the mask is a prefix, otherwise with the mask. */
  @Override
  public String toString() {
    int prefix = mask.bitCount();
    boolean contiguous = mask.equals(prefixMask(prefix, octets * 8));
    return text(bytes(address)) + "/" + (contiguous ? prefix : text(bytes(mask)));
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
