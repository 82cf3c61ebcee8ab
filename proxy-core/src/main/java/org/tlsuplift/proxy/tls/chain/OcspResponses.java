package org.tlsuplift.proxy.tls.chain;

import java.io.IOException;
import java.security.GeneralSecurityException;
import java.security.cert.CertificateEncodingException;
import java.security.cert.X509Certificate;
import java.time.Instant;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import java.util.stream.Stream;
import org.bouncycastle.asn1.pkcs.PKCSObjectIdentifiers;
import org.bouncycastle.asn1.x509.AlgorithmIdentifier;
import org.bouncycastle.asn1.x509.KeyPurposeId;
import org.bouncycastle.cert.X509CertificateHolder;
import org.bouncycastle.cert.jcajce.JcaX509CertificateConverter;
import org.bouncycastle.cert.jcajce.JcaX509CertificateHolder;
import org.bouncycastle.cert.ocsp.BasicOCSPResp;
import org.bouncycastle.cert.ocsp.CertificateID;
import org.bouncycastle.cert.ocsp.OCSPException;
import org.bouncycastle.cert.ocsp.OCSPReqBuilder;
import org.bouncycastle.cert.ocsp.OCSPResp;
import org.bouncycastle.cert.ocsp.RevokedStatus;
import org.bouncycastle.cert.ocsp.SingleResp;
import org.bouncycastle.cert.ocsp.jcajce.JcaCertificateID;
import org.bouncycastle.operator.DefaultAlgorithmNameFinder;
import org.bouncycastle.operator.OperatorCreationException;
import org.bouncycastle.operator.bc.BcDigestCalculatorProvider;
import org.bouncycastle.operator.jcajce.JcaContentVerifierProviderBuilder;

/**
 * Reads and verifies OCSP responses (RFC 6960), stapled or requested.
 *
 * <p>The issuer must sign the response, or a responder with a certificate from the issuer for this
 * purpose. Requests have no nonce (RFC 5019), so a response is accepted until its nextUpdate.
 */
public final class OcspResponses {
  /** The longest accepted response, in bytes. */
  public static final int MAX_BYTES = 64 * 1024;

  private static final int MAX_CERTIFICATES = 8;

  private OcspResponses() {}

  public static byte[] request(X509Certificate certificate, X509Certificate issuer) {
    try {
      return new OCSPReqBuilder()
          .addRequest(
              new JcaCertificateID(
                  // SHA-1 only identifies the issuer here, and every responder supports it (RFC
                  // 5019).
                  new BcDigestCalculatorProvider().get(CertificateID.HASH_SHA1),
                  issuer,
                  certificate.getSerialNumber()))
          .build()
          .getEncoded();
    } catch (OperatorCreationException
        | OCSPException
        | IOException
        | CertificateEncodingException impossible) {
      throw new IllegalStateException("the OCSP request cannot be created", impossible);
    }
  }

  /**
   * Reads a response. Each text in the result continues the sentence "the response ...".
   *
   * @param certificate the certificate to check
   * @param issuer the certificate of its issuer
   */
  public static CertificateStatus read(
      byte[] encoded, X509Certificate certificate, X509Certificate issuer, Instant now) {
    if (encoded.length > MAX_BYTES) {
      return new CertificateStatus.Unknown("is longer than " + MAX_BYTES + " bytes");
    }
    try {
      OCSPResp response = new OCSPResp(encoded);
      if (response.getStatus() != OCSPResp.SUCCESSFUL) {
        return new CertificateStatus.Unknown("has the error status " + response.getStatus());
      }
      if (!(response.getResponseObject() instanceof BasicOCSPResp basic)) {
        return new CertificateStatus.Unknown("has an unknown type");
      }
      return isSigned(basic, issuer, now)
          ? status(basic, certificate, issuer, now)
          : new CertificateStatus.Unknown("is not signed by the issuer or its responder");
    } catch (IOException
        | OCSPException
        | GeneralSecurityException
        // The parser throws many kinds of exceptions for malformed ASN.1.
        | RuntimeException malformed) {
      return new CertificateStatus.Unknown("is malformed");
    }
  }

  private static boolean isSigned(BasicOCSPResp basic, X509Certificate issuer, Instant now)
      throws IOException {
    AlgorithmIdentifier identifier = basic.getSignatureAlgorithmID();
    String algorithm =
        StrongChainChecker.algorithm(
            identifier.getAlgorithm().equals(PKCSObjectIdentifiers.id_RSASSA_PSS)
                ? StrongChainChecker.PSS
                : new DefaultAlgorithmNameFinder().getAlgorithmName(identifier.getAlgorithm()),
            identifier.getParameters() == null
                ? null
                : identifier.getParameters().toASN1Primitive().getEncoded());
    return !StrongChainChecker.isWeakSignature(algorithm)
        && Stream.concat(Stream.of(issuer), appointed(basic, issuer, now))
            .anyMatch(signer -> hasSigned(signer, basic));
  }

  private static boolean hasSigned(X509Certificate signer, BasicOCSPResp basic) {
    try {
      return basic.isSignatureValid(
          new JcaContentVerifierProviderBuilder().build(signer.getPublicKey()));
    } catch (OCSPException | OperatorCreationException anotherKindOfKey) {
      return false;
    }
  }

  /** The certificates in a response that may sign for the issuer (RFC 6960 section 4.2.2.2). */
  private static Stream<X509Certificate> appointed(
      BasicOCSPResp basic, X509Certificate issuer, Instant now) {
    return Arrays.stream(basic.getCerts())
        .limit(MAX_CERTIFICATES)
        .flatMap(holder -> converted(holder).stream())
        .filter(signer -> mayAnswer(signer, issuer, now));
  }

  private static Optional<X509Certificate> converted(X509CertificateHolder holder) {
    try {
      return Optional.of(new JcaX509CertificateConverter().getCertificate(holder));
    } catch (GeneralSecurityException malformed) {
      return Optional.empty();
    }
  }

  private static boolean mayAnswer(X509Certificate signer, X509Certificate issuer, Instant now) {
    try {
      List<String> usages = signer.getExtendedKeyUsage();
      return usages != null
          && usages.contains(KeyPurposeId.id_kp_OCSPSigning.getId())
          && StrongChainChecker.weakness(signer) == null
          && new ValidityPeriod(signer.getNotBefore().toInstant(), signer.getNotAfter().toInstant())
              .objection(now)
              .isEmpty()
          && CertificatePath.isSigned(signer, issuer);
    } catch (GeneralSecurityException malformed) {
      return false;
    }
  }

  private static CertificateStatus status(
      BasicOCSPResp basic, X509Certificate certificate, X509Certificate issuer, Instant now)
      throws GeneralSecurityException, OCSPException {
    X509CertificateHolder holder = new JcaX509CertificateHolder(issuer);
    for (SingleResp single : basic.getResponses()) {
      if (single.getCertID().getSerialNumber().equals(certificate.getSerialNumber())
          && single.getCertID().matchesIssuer(holder, new BcDigestCalculatorProvider())) {
        return status(single, now);
      }
    }
    return new CertificateStatus.Unknown("is for another certificate");
  }

  private static CertificateStatus status(SingleResp single, Instant now) {
    ValidityPeriod period = ValidityPeriod.of(single.getThisUpdate(), single.getNextUpdate());
    Optional<String> objection = period.objection(now);
    if (objection.isPresent()) {
      return new CertificateStatus.Unknown(objection.get());
    }
    if (single.getCertStatus() == null) {
      return new CertificateStatus.Good(period.until());
    }
    return single.getCertStatus() instanceof RevokedStatus revoked
        ? CertificateStatus.Revoked.since(
            revoked.getRevocationTime(),
            revoked.hasRevocationReason() ? revoked.getRevocationReason() : 0)
        : new CertificateStatus.Unknown("reports that the issuer does not know the certificate");
  }
}
