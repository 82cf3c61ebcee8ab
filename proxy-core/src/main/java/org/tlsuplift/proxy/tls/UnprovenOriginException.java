package org.tlsuplift.proxy.tls;

import java.security.cert.CertificateException;

/** An origin's certificate is good, but not for anybody who may be spoken to. */
final class UnprovenOriginException extends CertificateException {
  private static final long serialVersionUID = 1L;

  /** The message is for the operator. */
  UnprovenOriginException(String message) {
    super(message);
  }
}
