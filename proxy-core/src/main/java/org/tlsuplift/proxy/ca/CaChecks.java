package org.tlsuplift.proxy.ca;

import java.security.GeneralSecurityException;
import java.security.PrivateKey;
import java.security.PublicKey;
import java.security.Signature;
import java.security.cert.CertificateParsingException;
import java.security.cert.X509Certificate;
import java.security.interfaces.ECPublicKey;
import java.security.interfaces.RSAPublicKey;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.bouncycastle.asn1.x509.KeyPurposeId;

/** Refuses at start-up what devices would refuse one by one later. */
final class CaChecks {
  private static final int MIN_RSA_BITS = 2048;
  private static final int MIN_EC_BITS = 256;
  private static final int KEY_CERT_SIGN = 5;

  private CaChecks() {}

  /**
   * Puts key and certificates together.
   *
   * @param certificates in any order; those that are not above the key are left out
   * @param certificateFrom the file, for messages
   * @param keyFrom the file, for messages
   */
  static IssuingCa check(
      PrivateKey key,
      List<X509Certificate> certificates,
      String certificateFrom,
      String keyFrom,
      Provenance provenance,
      Instant now)
      throws CaException {
    Optional<X509Certificate> issuing =
        certificates.stream().filter(each -> belongs(key, each.getPublicKey())).findFirst();
    if (issuing.isEmpty()) {
      throw new CaException(
          keyFrom
              + " does not match "
              + certificateFrom
              + ": the key is for another certificate; put back the two files that belong together,"
              + " or "
              + provenance.remedy());
    }
    List<X509Certificate> path = path(issuing.get(), certificates);
    for (int below = 0; below < path.size(); below++) {
      checkCertificate(path.get(below), below, certificateFrom, provenance, now);
    }
    checkKey(issuing.get().getPublicKey(), certificateFrom, provenance);
    return new IssuingCa(key, path, NameConstraintRules.of(path), provenance);
  }

  /** Whether issuer and subject are one: a root, not to be sent to devices. */
  static boolean isSelfIssued(X509Certificate certificate) {
    return certificate.getIssuerX500Principal().equals(certificate.getSubjectX500Principal());
  }

  private static void checkCertificate(
      X509Certificate certificate, int below, String from, Provenance provenance, Instant now)
      throws CaException {
    String subject = from + " (" + certificate.getSubjectX500Principal() + ")";
    boolean[] usage = certificate.getKeyUsage();
    if (certificate.getBasicConstraints() < 0 || (usage != null && !usage[KEY_CERT_SIGN])) {
      throw new CaException(
          subject
              + " is not a CA certificate: it needs basicConstraints CA:TRUE and, if it has a"
              + " keyUsage, keyCertSign; "
              + provenance.remedy());
    }
    if (certificate.getBasicConstraints() < below) {
      throw new CaException(
          subject
              + " may have "
              + certificate.getBasicConstraints()
              + " CAs below it (path length), but "
              + below
              + " are; "
              + provenance.remedy());
    }
    if (!mayIssueForServers(certificate)) {
      throw new CaException(
          subject
              + " may not sign for servers: its extended key usage lacks serverAuth; "
              + provenance.remedy());
    }
    Instant start = certificate.getNotBefore().toInstant();
    Instant end = certificate.getNotAfter().toInstant();
    if (now.isBefore(start)) {
      throw new CaException(
          subject
              + " is not valid before "
              + start
              + ", but the clock says "
              + now
              + "; set this machine's clock, or "
              + provenance.remedy());
    }
    if (now.isAfter(end)) {
      throw new CaException(
          subject
              + " expired on "
              + end
              + ", and the clock says "
              + now
              + "; "
              + provenance.remedy());
    }
  }

  /** An extended key usage above the leaf limits what is below it, as most verifiers see it. */
  private static boolean mayIssueForServers(X509Certificate certificate) {
    try {
      List<String> usages = certificate.getExtendedKeyUsage();
      return usages == null
          || usages.contains(KeyPurposeId.id_kp_serverAuth.getId())
          || usages.contains(KeyPurposeId.anyExtendedKeyUsage.getId());
    } catch (CertificateParsingException malformed) {
      return false;
    }
  }

  private static void checkKey(PublicKey key, String from, Provenance provenance)
      throws CaException {
    boolean good =
        key instanceof RSAPublicKey rsa
            ? key.getAlgorithm().equals("RSA") && rsa.getModulus().bitLength() >= MIN_RSA_BITS
            : key instanceof ECPublicKey ec
                && ec.getParams().getCurve().getField().getFieldSize() >= MIN_EC_BITS;
    if (!good) {
      throw new CaException(
          from
              + " has a key of type "
              + key.getAlgorithm()
              + " that cannot be used: RSA of 2048 bits or more and EC of 256 bits or more are"
              + " allowed; "
              + provenance.remedy());
    }
  }

  /** From the issuing certificate up, as far as the certificates given reach. */
  private static List<X509Certificate> path(
      X509Certificate issuing, List<X509Certificate> certificates) {
    List<X509Certificate> path = new ArrayList<>(List.of(issuing));
    X509Certificate last = issuing;
    while (!isSelfIssued(last)) {
      X509Certificate below = last;
      Optional<X509Certificate> next =
          certificates.stream()
              .filter(each -> !path.contains(each) && signed(each, below))
              .findFirst();
      if (next.isEmpty()) {
        break;
      }
      last = next.get();
      path.add(last);
    }
    return path;
  }

  private static boolean signed(X509Certificate issuer, X509Certificate subject) {
    if (!issuer.getSubjectX500Principal().equals(subject.getIssuerX500Principal())) {
      return false;
    }
    try {
      subject.verify(issuer.getPublicKey());
      return true;
    } catch (GeneralSecurityException notIts) {
      return false;
    }
  }

  /** Signs and verifies, which holds for every kind of key. */
  private static boolean belongs(PrivateKey key, PublicKey candidate) {
    byte[] message = {'t', 'e', 's', 't'};
    try {
      Signature signature = Signature.getInstance(SignatureHash.SHA256.with(candidate));
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
