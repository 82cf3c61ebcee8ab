package org.tlsuplift.proxy.model;

/** What was found out about the revocation of an origin's certificate, in one handshake. */
public enum RevocationCheck implements Labelled {
  /** The origin stapled no response, and nobody was asked. */
  NOT_CHECKED,
  /** The origin stapled a response, and it is good. */
  STAPLED,
  /** The issuer was asked, or an answer of his is remembered, and it is good. */
  ASKED,
  /** The certificate was revoked. */
  REVOKED,
  /** The origin stapled something that proves nothing. */
  STAPLE_INVALID,
  /** The certificate demands a stapled response, and none came. */
  STAPLE_MISSING,
  /** The issuer was asked, and no usable answer came. */
  UNANSWERED;
}
