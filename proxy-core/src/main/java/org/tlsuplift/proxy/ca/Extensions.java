package org.tlsuplift.proxy.ca;

import java.math.BigInteger;
import java.security.SecureRandom;
import org.tlsuplift.proxy.model.Labelled;

/** How much of X.509 certificates use beyond the minimum, under its name in lower case. */
public enum Extensions implements Labelled {
  /** All of RFC 5280, with name constraints in the CA if configured; the default. */
  ALL,
  /**
   * Only a leaf's names and basicConstraints of the CA; serial numbers of 8 octets. For devices
   * that refuse unknown extensions, above all critical ones.
   */
  MINIMAL,
  /**
   * None, which makes it X.509 version 1; serial numbers of 8 octets. The name is only in the
   * subject. For parsers older than RFC 2459.
   */
  NONE;

  private static final SecureRandom RANDOM = new SecureRandom();
  private static final int BITS = 126;
  private static final int SHORT_BITS = 62;

  /**
   * A serial number, positive and unpredictable (RFC 5280 section 4.1.2.2), in exactly 16 octets or
   * 8. Eight fit into a long, and have enough random bits that a forger of SHA-1 signatures cannot
   * predict what will be signed.
   */
  BigInteger nextSerial() {
    // The bit set is the last but one of the octets, so that the number is positive in them.
    int bits = this == ALL ? BITS : SHORT_BITS;
    return new BigInteger(bits, RANDOM).setBit(bits);
  }
}
