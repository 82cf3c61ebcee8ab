package org.tlsuplift.proxy.ca;

import java.math.BigInteger;

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

  BigInteger nextSerial() {
    return this == ALL ? SerialNumbers.next() : SerialNumbers.nextShort();
  }
}
