package org.tlsuplift.proxy.upstream.dial;

import org.tlsuplift.proxy.model.Labelled;

/** How to find out whether an origin's certificate was revoked. */
public enum RevocationMode implements Labelled {
  /** A stapled response is verified; the issuer is not asked. */
  STAPLED,
  /** The issuer is asked too; without a response the certificate is accepted. */
  SOFT,
  /** The issuer is asked too; without a response the certificate is refused. */
  HARD;
}
