package org.tlsuplift.proxy.model;

/** The result of the revocation check of an origin's certificate in one handshake. */
public enum RevocationCheck implements Labelled {
  /** The origin stapled no response, and the issuer was not queried. */
  NOT_CHECKED,
  /** The origin stapled a valid response: not revoked. */
  STAPLED,
  /** The issuer's response, or a cached one, is valid: not revoked. */
  ASKED,
  REVOKED,
  /** The stapled response is invalid. */
  STAPLE_INVALID,
  /** The certificate requires a stapled response, and the origin sent none. */
  STAPLE_MISSING,
  /** The issuer was queried, but sent no usable response. */
  UNANSWERED;
}
