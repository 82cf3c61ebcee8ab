package org.tlsuplift.proxy.testing;

import java.io.IOException;
import java.math.BigInteger;
import java.security.GeneralSecurityException;
import java.security.cert.X509Certificate;
import java.time.Duration;
import java.time.Instant;
import java.util.Date;
import org.bouncycastle.asn1.x500.X500Name;
import org.bouncycastle.asn1.x509.CRLReason;
import org.bouncycastle.asn1.x509.DistributionPointName;
import org.bouncycastle.asn1.x509.Extension;
import org.bouncycastle.asn1.x509.GeneralName;
import org.bouncycastle.asn1.x509.GeneralNames;
import org.bouncycastle.asn1.x509.IssuingDistributionPoint;
import org.bouncycastle.cert.X509CertificateHolder;
import org.bouncycastle.cert.X509v2CRLBuilder;
import org.bouncycastle.cert.jcajce.JcaX509CertificateHolder;
import org.bouncycastle.cert.ocsp.BasicOCSPResp;
import org.bouncycastle.cert.ocsp.BasicOCSPRespBuilder;
import org.bouncycastle.cert.ocsp.CertificateID;
import org.bouncycastle.cert.ocsp.CertificateStatus;
import org.bouncycastle.cert.ocsp.OCSPException;
import org.bouncycastle.cert.ocsp.OCSPResp;
import org.bouncycastle.cert.ocsp.OCSPRespBuilder;
import org.bouncycastle.cert.ocsp.RespID;
import org.bouncycastle.cert.ocsp.RevokedStatus;
import org.bouncycastle.cert.ocsp.UnknownStatus;
import org.bouncycastle.cert.ocsp.jcajce.JcaCertificateID;
import org.bouncycastle.operator.OperatorCreationException;
import org.bouncycastle.operator.bc.BcDigestCalculatorProvider;
import org.bouncycastle.operator.jcajce.JcaContentSignerBuilder;
import org.jspecify.annotations.Nullable;

/**
 * An issuer's statements about certificates: correct by default, or wrong as a test needs them.
 *
 * @param issuer the issuer of the certificates
 * @param signer the signer of the statements
 * @param from the time of thisUpdate
 * @param until the time of nextUpdate
 */
public record Statements(Issuer issuer, Issuer signer, Instant from, Instant until) {
  /** Statements of the issuer, from an hour ago until an hour from now. */
  public static Statements of(Issuer issuer) {
    Instant now = Instant.now();
    return new Statements(
        issuer, issuer, now.minus(Duration.ofHours(1)), now.plus(Duration.ofHours(1)));
  }

  /** These statements with another signer. */
  public Statements by(Issuer another) {
    return new Statements(issuer, another, from, until);
  }

  /** These statements with another period. */
  public Statements at(Instant start, Instant end) {
    return new Statements(issuer, signer, start, end);
  }

  /** An OCSP response that the certificate is good. */
  public byte[] good(X509Certificate certificate) {
    return ocsp(certificate, null);
  }

  /** An OCSP response that the certificate is revoked. */
  public byte[] revoked(X509Certificate certificate) {
    return ocsp(
        certificate,
        new RevokedStatus(
            Date.from(Instant.parse("2026-03-04T05:06:07Z")), CRLReason.keyCompromise));
  }

  /** An OCSP response that the certificate is unknown. */
  public byte[] unknown(X509Certificate certificate) {
    return ocsp(certificate, new UnknownStatus());
  }

  /** An OCSP response with an error status. */
  public static byte[] tryLater() {
    try {
      return new OCSPRespBuilder().build(OCSPResp.TRY_LATER, null).getEncoded();
    } catch (OCSPException | IOException broken) {
      throw new IllegalStateException(broken);
    }
  }

  private byte[] ocsp(X509Certificate certificate, @Nullable CertificateStatus status) {
    try {
      X509CertificateHolder shown = new JcaX509CertificateHolder(signer.certificate());
      BasicOCSPResp basic =
          new BasicOCSPRespBuilder(new RespID(shown.getSubject()))
              .addResponse(
                  new JcaCertificateID(
                      new BcDigestCalculatorProvider().get(CertificateID.HASH_SHA1),
                      issuer.certificate(),
                      certificate.getSerialNumber()),
                  status,
                  Date.from(from),
                  Date.from(until),
                  null)
              .build(
                  new JcaContentSignerBuilder("SHA256withECDSA").build(signer.key().getPrivate()),
                  new X509CertificateHolder[] {shown},
                  Date.from(Instant.now()));
      return new OCSPRespBuilder().build(OCSPResp.SUCCESSFUL, basic).getEncoded();
    } catch (GeneralSecurityException
        | OCSPException
        | IOException
        | OperatorCreationException broken) {
      throw new IllegalStateException(broken);
    }
  }

  /**
   * A list of revoked certificates.
   *
   * @param scope the certificates that the list covers, or null for all
   */
  public byte[] list(@Nullable IssuingDistributionPoint scope, X509Certificate... revoked) {
    try {
      X509v2CRLBuilder builder =
          new X509v2CRLBuilder(
              new X500Name(issuer.certificate().getSubjectX500Principal().getName()),
              Date.from(from));
      builder.setNextUpdate(Date.from(until));
      for (X509Certificate each : revoked) {
        builder.addCRLEntry(each.getSerialNumber(), Date.from(from), CRLReason.superseded);
      }
      builder.addCRLEntry(BigInteger.TWO, Date.from(from), CRLReason.superseded);
      if (scope != null) {
        builder.addExtension(Extension.issuingDistributionPoint, true, scope);
      }
      return builder
          .build(new JcaContentSignerBuilder("SHA256withECDSA").build(signer.key().getPrivate()))
          .getEncoded();
    } catch (IOException | OperatorCreationException broken) {
      throw new IllegalStateException(broken);
    }
  }

  /** The scope of a list that is for one address. */
  public static IssuingDistributionPoint at(String address) {
    return new IssuingDistributionPoint(
        new DistributionPointName(
            new GeneralNames(new GeneralName(GeneralName.uniformResourceIdentifier, address))),
        false,
        false);
  }
}
