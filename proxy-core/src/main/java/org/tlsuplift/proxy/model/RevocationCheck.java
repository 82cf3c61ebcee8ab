package org.tlsuplift.proxy.model;

/** The result about the revocation of an origin's certificate, in one handshake. */
public enum RevocationCheck implements Labelled {
  /** The origin stapled no response, and the issuer was not asked. */
  NOT_CHECKED,
  /** The origin stapled a valid response: not revoked. */
  STAPLED,
  /** The issuer was asked, or a response is remembered: not revoked. */
  ASKED,
  REVOKED,
  /** The stapled response is invalid. */
  STAPLE_INVALID,
  /** The certificate requires a stapled response, and there is none. */
  STAPLE_MISSING,
  /** The issuer was asked without a usable response. */
  UNANSWERED;
}
