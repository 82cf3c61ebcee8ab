package org.tlsuplift.proxy.upstream.dial;

import org.tlsuplift.proxy.model.Labelled;

/** The way to check whether an origin's certificate was revoked. */
public enum RevocationMode implements Labelled {
  /** A stapled response is verified; the issuer is not queried. */
  STAPLED,
  /** The issuer is also queried; without a response the certificate is accepted. */
  SOFT,
  /** The issuer is also queried; without a response the certificate is refused. */
  HARD;
}
