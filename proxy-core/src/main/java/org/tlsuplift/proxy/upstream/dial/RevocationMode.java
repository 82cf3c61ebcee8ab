package org.tlsuplift.proxy.upstream.dial;

import java.util.Locale;

/** How much is done to learn whether an origin's certificate was revoked. */
public enum RevocationMode {
  /** What the origin staples is verified, and nobody is asked. */
  STAPLED,
  /** The issuer is asked too; without an answer the certificate is accepted. */
  SOFT,
  /** The issuer is asked too; without an answer the certificate is refused. */
  HARD;

  /** Its name in the configuration. */
  public String label() {
    return name().toLowerCase(Locale.ROOT);
  }
}
