package org.tlsuplift.proxy.upstream.dial;

import org.tlsuplift.proxy.model.Labelled;

/** How much is done to learn whether an origin's certificate was revoked. */
public enum RevocationMode implements Labelled {
  /** What the origin staples is verified, and nobody is asked. */
  STAPLED,
  /** The issuer is asked too; without an answer the certificate is accepted. */
  SOFT,
  /** The issuer is asked too; without an answer the certificate is refused. */
  HARD;
}
