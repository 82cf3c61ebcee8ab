package org.tlsuplift.proxy.tls;

/** No certificate may or can be made for a name. The message has the reason and the remedy. */
public final class CertificateUnavailableException extends Exception {
  private static final long serialVersionUID = 1L;

  public CertificateUnavailableException(String message) {
    super(message);
  }

  public CertificateUnavailableException(String message, Throwable cause) {
    super(message, cause);
  }
}
