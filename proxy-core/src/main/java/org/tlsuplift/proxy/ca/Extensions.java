package org.tlsuplift.proxy.ca;

import java.math.BigInteger;
import java.security.SecureRandom;
import org.tlsuplift.proxy.model.Labelled;

/** The set of X.509 extensions that certificates have. */
public enum Extensions implements Labelled {
  /** All of RFC 5280, with name constraints in the CA if configured; the default. */
  ALL,
  /**
   * Only a leaf's names and basicConstraints of the CA; serial numbers of 8 octets. For devices
   * that refuse unknown extensions, above all critical ones.
   */
  MINIMAL,
  /**
   * None, so that certificates have X.509 version 1; serial numbers of 8 octets. The name is only
   * in the subject. For parsers older than RFC 2459.
   */
  NONE;

  private static final SecureRandom RANDOM = new SecureRandom();
  private static final int BITS = 126;
  private static final int SHORT_BITS = 62;

  /**
   * A positive and unpredictable serial number (RFC 5280 section 4.1.2.2) with exactly 16 or 8
   * octets. Eight octets fit into a long, and have enough random bits that a forger of SHA-1
   * signatures cannot predict the signed content.
   */
  BigInteger nextSerial() {
    // Sets the second highest bit, so that the number is positive and has all its octets.
    int bits = this == ALL ? BITS : SHORT_BITS;
    return new BigInteger(bits, RANDOM).setBit(bits);
  }
}
