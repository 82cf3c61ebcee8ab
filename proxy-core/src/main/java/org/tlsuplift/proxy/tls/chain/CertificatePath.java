package org.tlsuplift.proxy.tls.chain;

import java.security.GeneralSecurityException;
import java.security.PrivateKey;
import java.security.PublicKey;
import java.security.Signature;
import java.security.cert.X509Certificate;
import java.security.interfaces.ECPublicKey;
import java.security.interfaces.RSAPublicKey;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.bouncycastle.asn1.x509.Certificate;

/** Finds the certificate of a key among others, and its issuers. */
public final class CertificatePath {
  private static final int MIN_RSA_BITS = 2048;
  private static final int MIN_EC_BITS = 256;

  private CertificatePath() {}

  /**
   * The certificate of a key and its issuers, as far as they are among the given certificates.
   *
   * @param certificates in any order; unrelated certificates are ignored
   * @return empty if none of them belongs to the key
   */
  public static Optional<List<X509Certificate>> of(
      PrivateKey key, List<X509Certificate> certificates) {
    return certificates.stream()
        .filter(each -> belongs(key, each.getPublicKey()))
        .findFirst()
        .map(first -> above(first, certificates));
  }

  /** Whether issuer and subject are the same, as in a root certificate, which need not be sent. */
  public static boolean isSelfIssued(X509Certificate certificate) {
    return certificate.getIssuerX500Principal().equals(certificate.getSubjectX500Principal());
  }

  /**
   * The last certificate of a path if it is damaged: the signature does not match its own key if it
   * is self-issued, or no key of its issuer in the file otherwise. Without its issuer, nothing can
   * be checked.
   *
   * @param certificates all certificates of the file
   */
  public static Optional<X509Certificate> damaged(
      List<X509Certificate> path, List<X509Certificate> certificates) {
    X509Certificate last = path.get(path.size() - 1);
    List<X509Certificate> issuers =
        certificates.stream()
            .filter(each -> each.getSubjectX500Principal().equals(last.getIssuerX500Principal()))
            .toList();
    return issuers.isEmpty() || issuers.stream().anyMatch(issuer -> isSigned(last, issuer))
        ? Optional.empty()
        : Optional.of(last);
  }

  /** The earliest expiry of these certificates. */
  public static Instant expiresAt(List<X509Certificate> certificates) {
    return certificates.stream()
        .map(each -> each.getNotAfter().toInstant())
        .min(Instant::compareTo)
        .orElseThrow();
  }

  /** Whether a key is RSA of at least 2048 bits, or EC of at least 256 bits. */
  public static boolean isStrong(PublicKey key) {
    return key instanceof RSAPublicKey rsa
        ? key.getAlgorithm().equals("RSA") && rsa.getModulus().bitLength() >= MIN_RSA_BITS
        : key instanceof ECPublicKey ec
            && ec.getParams().getCurve().getField().getFieldSize() >= MIN_EC_BITS;
  }

  private static List<X509Certificate> above(
      X509Certificate first, List<X509Certificate> certificates) {
    List<X509Certificate> path = new ArrayList<>(List.of(first));
    X509Certificate last = first;
    while (!isSelfIssued(last)) {
      X509Certificate below = last;
      Optional<X509Certificate> next =
          certificates.stream()
              .filter(each -> !path.contains(each) && isSigned(below, each))
              .findFirst();
      if (next.isEmpty()) {
        break;
      }
      last = next.get();
      path.add(last);
    }
    return List.copyOf(path);
  }

  /**
   * Whether the key of the issuer has signed the certificate. A signature has whole bytes; if one
   * says otherwise, Java clears the last bits, and accepts a damaged certificate if they were 0.
   */
  public static boolean isSigned(X509Certificate subject, X509Certificate issuer) {
    if (!issuer.getSubjectX500Principal().equals(subject.getIssuerX500Principal())) {
      return false;
    }
    try {
      subject.verify(issuer.getPublicKey());
      return Certificate.getInstance(subject.getEncoded()).getSignature().getPadBits() == 0;
    } catch (GeneralSecurityException notIts) {
      return false;
    }
  }

  /** Compares by a signature and its verification, which work for every kind of key. */
  private static boolean belongs(PrivateKey key, PublicKey candidate) {
    byte[] message = {'t', 'e', 's', 't'};
    try {
      Signature signature =
          Signature.getInstance(
              candidate.getAlgorithm().equals("EC") ? "SHA256withECDSA" : "SHA256withRSA");
      signature.initSign(key);
      signature.update(message);
      byte[] signed = signature.sign();
      signature.initVerify(candidate);
      signature.update(message);
      return signature.verify(signed);
    } catch (GeneralSecurityException | RuntimeException otherKindOrCorrupt) {
      return false;
    }
  }
}
