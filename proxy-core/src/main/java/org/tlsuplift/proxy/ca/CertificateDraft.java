package org.tlsuplift.proxy.ca;

import java.io.IOException;
import java.math.BigInteger;
import java.security.GeneralSecurityException;
import java.security.PrivateKey;
import java.security.PublicKey;
import java.security.cert.X509Certificate;
import java.time.Instant;
import java.util.Date;
import java.util.List;
import org.bouncycastle.asn1.x500.X500Name;
import org.bouncycastle.asn1.x509.Extension;
import org.bouncycastle.cert.X509CertificateHolder;
import org.bouncycastle.cert.X509v1CertificateBuilder;
import org.bouncycastle.cert.X509v3CertificateBuilder;
import org.bouncycastle.cert.jcajce.JcaX509CertificateConverter;
import org.bouncycastle.cert.jcajce.JcaX509v1CertificateBuilder;
import org.bouncycastle.cert.jcajce.JcaX509v3CertificateBuilder;
import org.bouncycastle.operator.ContentSigner;
import org.bouncycastle.operator.OperatorCreationException;
import org.bouncycastle.operator.jcajce.JcaContentSignerBuilder;

/** An unsigned certificate: version 3, or version 1 without extensions. */
record CertificateDraft(
    X500Name issuer,
    BigInteger serial,
    Instant start,
    Instant end,
    X500Name subject,
    PublicKey key,
    List<Extension> extensions) {

  /** Signs the draft with the issuer's key; {@code algorithm} is a JCA name. */
  X509Certificate sign(String algorithm, PrivateKey issuerKey)
      throws GeneralSecurityException, OperatorCreationException, IOException {
    ContentSigner signer = new JcaContentSignerBuilder(algorithm).build(issuerKey);
    return new JcaX509CertificateConverter()
        .getCertificate(extensions.isEmpty() ? version1(signer) : version3(signer));
  }

  private X509CertificateHolder version1(ContentSigner signer) {
    X509v1CertificateBuilder builder =
        new JcaX509v1CertificateBuilder(
            issuer, serial, Date.from(start), Date.from(end), subject, key);
    return builder.build(signer);
  }

  private X509CertificateHolder version3(ContentSigner signer) throws IOException {
    X509v3CertificateBuilder builder =
        new JcaX509v3CertificateBuilder(
            issuer, serial, Date.from(start), Date.from(end), subject, key);
    for (Extension each : extensions) {
      builder.addExtension(each);
    }
    return builder.build(signer);
  }
}
