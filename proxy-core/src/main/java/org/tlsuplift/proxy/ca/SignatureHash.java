package org.tlsuplift.proxy.ca;

import java.security.PublicKey;

/** The hash of a certificate signature, under its name in the configuration. */
public enum SignatureHash {
  /**
   * For devices that know nothing better, signed by the CA of one listener only: a forger could
   * sign as that CA.
   */
  SHA1,
  /** Every device since about 2008 verifies it; the default. */
  SHA256,
  /** For policies that ask for it; few old devices know it. */
  SHA384;

  /** The JCA name of the signature with a CA key of that kind. */
  String with(PublicKey caKey) {
    return this + "with" + (caKey.getAlgorithm().equals("EC") ? "ECDSA" : "RSA");
  }
}
