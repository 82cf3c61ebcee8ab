package org.tlsuplift.proxy.tls.rsa;

/** This machine cannot do RSA by libcrypto. The message is the cause. */
public final class LibcryptoUnavailableException extends Exception {
  private static final long serialVersionUID = 1L;

  private final String remedy;

  LibcryptoUnavailableException(String message, String remedy) {
    super(message);
    this.remedy = remedy;
  }

  public String remedy() {
    return remedy;
  }
}
