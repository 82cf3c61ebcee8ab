package org.tlsuplift.proxy.ca;

import java.math.BigInteger;
import java.security.SecureRandom;

/** How much of X.509 certificates use beyond the bare minimum, under its name in lower case. */
public enum Extensions {
  /** All that RFC 5280 asks for, name constraints in the CA where wanted; the default. */
  ALL,
  /**
   * The names in a leaf and that a CA is one, and nothing else; serial numbers of 8 octets. For
   * devices that refuse what they do not know, above all what is critical.
   */
  MINIMAL,
  /**
   * None, which makes it X.509 version 1; serial numbers of 8 octets. The name stands in the
   * subject alone. For parsers older than RFC 2459.
   */
  NONE;

  private static final SecureRandom RANDOM = new SecureRandom();
  private static final int BITS = 126;
  private static final int SHORT_BITS = 62;

  /**
   * A serial number, positive and unpredictable (RFC 5280 section 4.1.2.2), in exactly 16 octets or
   * 8. Eight fit into a long, and have as many random bits as keep a forger of SHA-1 signatures
   * from knowing what will be signed.
   */
  BigInteger nextSerial() {
    // The bit set is the last but one of the octets, so that the number is positive in them.
    int bits = this == ALL ? BITS : SHORT_BITS;
    return new BigInteger(bits, RANDOM).setBit(bits);
  }
}
