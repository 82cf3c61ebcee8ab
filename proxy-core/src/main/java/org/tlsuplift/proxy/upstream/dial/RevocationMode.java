package org.tlsuplift.proxy.upstream.dial;

import org.tlsuplift.proxy.model.Labelled;

/** How to check whether an origin's certificate was revoked. */
public enum RevocationMode implements Labelled {
  /** Only a stapled response is verified; the issuer is not queried. */
  STAPLED,
  /** The issuer is also queried; without a response the certificate is accepted. */
  SOFT,
  /** The issuer is also queried; without a response the certificate is refused. */
  HARD;
}
