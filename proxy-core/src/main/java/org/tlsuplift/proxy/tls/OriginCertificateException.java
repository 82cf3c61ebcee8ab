package org.tlsuplift.proxy.tls;

import java.security.cert.CertificateException;
import org.jspecify.annotations.Nullable;
import org.tlsuplift.proxy.model.Explanation;
import org.tlsuplift.proxy.model.RevocationCheck;

/** An origin's certificate was refused; the message is why, in one line. */
public final class OriginCertificateException extends CertificateException {
  private static final long serialVersionUID = 1L;

  private final transient Explanation why;
  private final @Nullable RevocationCheck revocation;

  OriginCertificateException(Explanation why, @Nullable Throwable cause) {
    this(why, cause, null);
  }

  /**
   * A refusal.
   *
   * @param cause decides which alert the origin gets (RFC 8446 section 6.2); null for a general one
   * @param revocation the result about revocation, or null if that is not the cause
   */
  OriginCertificateException(
      Explanation why, @Nullable Throwable cause, @Nullable RevocationCheck revocation) {
    super(why.text(), cause);
    this.why = why;
    this.revocation = revocation;
  }

  public Explanation why() {
    return why;
  }

  /** The result about revocation, or null if that is not the cause. */
  public @Nullable RevocationCheck revocation() {
    return revocation;
  }
}
