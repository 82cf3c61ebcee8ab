package org.tlsuplift.proxy.ca;

import java.security.PrivateKey;
import java.security.PublicKey;
import java.security.cert.X509Certificate;
import java.time.Instant;
import java.util.List;
import org.tlsuplift.proxy.outcome.OperatorException;
import org.tlsuplift.proxy.tls.chain.CertificatePath;
import org.tlsuplift.proxy.tls.chain.StrongChainChecker;

/** Refuses at start-up a CA that devices would refuse later. */
public final class CaChecks {
  private static final int KEY_CERT_SIGN = 5;

  private CaChecks() {}

  /**
   * Combines key and certificates.
   *
   * @param certificates in any order; those that are not issuers of the key are ignored
   * @param certificateFrom the file of the certificates, for messages
   * @param keyFrom the file of the key, for messages
   */
  public static IssuingCa check(
      PrivateKey key,
      List<X509Certificate> certificates,
      String certificateFrom,
      String keyFrom,
      Provenance provenance,
      Instant now)
      throws OperatorException {
    List<X509Certificate> path =
        CertificatePath.of(key, certificates)
            .orElseThrow(
                () ->
                    new OperatorException(
                        ("%s does not match %s: the key is for another certificate; put back the"
                                + " two files that belong together, or %s")
                            .formatted(keyFrom, certificateFrom, provenance.remedy())));
    for (int below = 0; below < path.size(); below++) {
      checkCertificate(path.get(below), below, certificateFrom, provenance, now);
    }
    checkSignature(path, certificates, certificateFrom, provenance);
    checkKey(path.get(0).getPublicKey(), certificateFrom, provenance);
    return new IssuingCa(key, path, NameConstraintRules.of(path), provenance);
  }

  private static void checkSignature(
      List<X509Certificate> path,
      List<X509Certificate> certificates,
      String from,
      Provenance provenance)
      throws OperatorException {
    X509Certificate top = path.get(path.size() - 1);
    if (CertificatePath.damaged(path, certificates).isPresent()
        || (provenance.selfSigned() && !CertificatePath.isSelfIssued(top))) {
      throw new OperatorException(
          "%s (%s) is damaged: the signature does not match; restore it from a backup, or %s"
              .formatted(from, top.getSubjectX500Principal(), provenance.remedy()));
    }
  }

  private static void checkCertificate(
      X509Certificate certificate, int below, String from, Provenance provenance, Instant now)
      throws OperatorException {
    String subject = from + " (" + certificate.getSubjectX500Principal() + ")";
    boolean[] usage = certificate.getKeyUsage();
    boolean version1 = provenance.mayBeWeak() && certificate.getVersion() == 1;
    if ((certificate.getBasicConstraints() < 0 && !version1)
        || (usage != null && !usage[KEY_CERT_SIGN])) {
      throw new OperatorException(
          ("%s is not a CA certificate: it needs basicConstraints CA:TRUE and, if it has a "
                  + "keyUsage, keyCertSign; %s")
              .formatted(subject, provenance.remedy()));
    }
    if (!version1 && certificate.getBasicConstraints() < below) {
      throw new OperatorException(
          "%s may have %s CAs below it (path length), but %s are; %s"
              .formatted(subject, certificate.getBasicConstraints(), below, provenance.remedy()));
    }
    if (!StrongChainChecker.mayVouchForServers(certificate)) {
      throw new OperatorException(
          "%s may not sign for servers: its extended key usage lacks serverAuth; %s"
              .formatted(subject, provenance.remedy()));
    }
    Instant start = certificate.getNotBefore().toInstant();
    Instant end = certificate.getNotAfter().toInstant();
    if (now.isBefore(start)) {
      throw new OperatorException(
          "%s is not valid before %s, but the clock says %s; set this machine's clock, or %s"
              .formatted(subject, start, now, provenance.remedy()));
    }
    if (now.isAfter(end)) {
      throw new OperatorException(
          "%s expired on %s, and the clock says %s; %s"
              .formatted(subject, end, now, provenance.remedy()));
    }
  }

  private static void checkKey(PublicKey key, String from, Provenance provenance)
      throws OperatorException {
    if (!provenance.mayBeWeak() && !CertificatePath.isStrong(key)) {
      throw new OperatorException(
          ("%s has a key of type %s that cannot be used: RSA of 2048 bits or more and EC of "
                  + "256 bits or more are allowed; %s")
              .formatted(from, key.getAlgorithm(), provenance.remedy()));
    }
  }
}
