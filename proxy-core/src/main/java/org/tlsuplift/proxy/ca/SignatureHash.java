package org.tlsuplift.proxy.ca;

import java.security.PublicKey;

/** The hash of a certificate signature, with its name in the configuration. */
public enum SignatureHash {
  /**
   * Only for the CA of one listener, and for devices that support nothing better, because a forger
   * could sign as that CA.
   */
  SHA1,
  /** The default. Every device since about 2008 supports it. */
  SHA256,
  /** For policies that require it. Few old devices support it. */
  SHA384;

  /** The JCA name of the signature with a CA key. */
  String with(PublicKey caKey) {
    return this + "with" + (caKey.getAlgorithm().equals("EC") ? "ECDSA" : "RSA");
  }
}
