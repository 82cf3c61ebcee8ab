package org.tlsuplift.proxy.model;

/** The keys of the certificates for devices, where a CA has both. */
public enum LeafKey {
  /** RSA-2048, which all devices support. */
  RSA,
  /** P-256, for devices that offer all that it needs. */
  EC
}
