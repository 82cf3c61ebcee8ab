package org.tlsuplift.proxy.ca;

import java.math.BigInteger;
import java.security.SecureRandom;

/** Certificate serial numbers: positive, 16 octets, unpredictable (RFC 5280 section 4.1.2.2). */
final class SerialNumbers {
  private static final SecureRandom RANDOM = new SecureRandom();
  private static final int BITS = 126;

  private SerialNumbers() {}

  /** The top bit set is the 127th, so that the number is positive in exactly 16 octets. */
  static BigInteger next() {
    return new BigInteger(BITS, RANDOM).setBit(BITS);
  }
}
