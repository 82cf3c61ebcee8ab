package org.tlsuplift.proxy.tls.chain;

import java.security.GeneralSecurityException;
import java.security.MessageDigest;
import java.security.cert.X509Certificate;
import java.util.HexFormat;

/** The hash by which people recognise a certificate. */
public final class Fingerprint {
  private Fingerprint() {}

  /** The SHA-256 fingerprint in upper case with colons, as in browsers and openssl. */
  public static String sha256(X509Certificate certificate) {
    return of("SHA-256", certificate);
  }

  /** The SHA-1 fingerprint, only for comparison with older devices, which show no other. */
  public static String sha1(X509Certificate certificate) {
    return of("SHA-1", certificate);
  }

  private static String of(String hash, X509Certificate certificate) {
    try {
      return HexFormat.ofDelimiter(":")
          .withUpperCase()
          .formatHex(MessageDigest.getInstance(hash).digest(certificate.getEncoded()));
    } catch (GeneralSecurityException missing) {
      throw new IllegalStateException("this Java has no " + hash, missing);
    }
  }
}
