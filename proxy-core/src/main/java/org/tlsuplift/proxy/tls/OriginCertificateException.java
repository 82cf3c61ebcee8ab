package org.tlsuplift.proxy.tls;

import java.security.cert.CertificateException;
import org.jspecify.annotations.Nullable;
import org.tlsuplift.proxy.model.Explanation;
import org.tlsuplift.proxy.model.RevocationCheck;

/** An origin's certificate was refused. The message is one line for the operator. */
public final class OriginCertificateException extends CertificateException {
  private static final long serialVersionUID = 1L;

  private final transient Explanation why;
  private final @Nullable RevocationCheck revocation;

  OriginCertificateException(Explanation why, @Nullable Throwable cause) {
    this(why, cause, null);
  }

  /**
   * Creates an exception.
   *
   * @param cause selects the alert that the proxy sends (RFC 8446 section 6.2); null for a general
   *     one
   * @param revocation the result of the revocation check, or null if it is not the cause
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

  /** The result of the revocation check, or null if it is not the cause. */
  public @Nullable RevocationCheck revocation() {
    return revocation;
  }
}
