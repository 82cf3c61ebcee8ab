package org.tlsuplift.proxy.tls.chain;

import java.security.PublicKey;
import java.security.cert.CertPathValidatorException;
import java.security.cert.CertPathValidatorException.BasicReason;
import java.security.cert.Certificate;
import java.security.cert.CertificateParsingException;
import java.security.cert.PKIXCertPathChecker;
import java.security.cert.PKIXReason;
import java.security.cert.X509Certificate;
import java.security.interfaces.ECPublicKey;
import java.security.interfaces.RSAPublicKey;
import java.util.Collection;
import java.util.List;
import java.util.Locale;
import java.util.Set;
import org.bouncycastle.asn1.x509.KeyPurposeId;
import org.jspecify.annotations.Nullable;

/**
 * Refuses an origin's certificate that is signed with MD5 or SHA-1, or has an RSA key below 2048 or
 * an EC key below 256 bits, and an intermediate certificate that may not vouch for TLS servers.
 *
 * <p>The JDK limits strength only in chains that end in its own roots, so a private bundle would
 * let SHA-1 pass. It reads the extended key usage of the origin's own certificate only. Here it
 * limits what an intermediate CA may issue, as in browsers (CA/Browser Forum Baseline Requirements
 * section 7.1.2.2). Trust anchors are not checked: the operator chose them.
 */
public final class StrongChainChecker extends PKIXCertPathChecker {
  private static final int MIN_RSA_BITS = 2048;
  private static final int MIN_EC_BITS = 256;

  @Override
  public void init(boolean forward) {}

  @Override
  public boolean isForwardCheckingSupported() {
    return true;
  }

  @Override
  public @Nullable Set<String> getSupportedExtensions() {
    return null;
  }

  @Override
  public void check(Certificate certificate, Collection<String> unresolvedCriticalExtensions)
      throws CertPathValidatorException {
    X509Certificate checked = (X509Certificate) certificate;
    String weakness = weakness(checked);
    if (weakness != null) {
      throw new CertPathValidatorException(
          weakness, null, null, -1, BasicReason.ALGORITHM_CONSTRAINED);
    }
    if (checked.getBasicConstraints() >= 0 && !mayVouchForServers(checked)) {
      throw new CertPathValidatorException(
          "its extended key usage excludes TLS servers",
          null,
          null,
          -1,
          PKIXReason.INVALID_KEY_USAGE);
    }
  }

  /** What is too weak, or null. */
  static @Nullable String weakness(X509Certificate certificate) {
    if (isWeakSignature(certificate.getSigAlgName())) {
      return "signed with " + certificate.getSigAlgName();
    }
    PublicKey key = certificate.getPublicKey();
    if (key instanceof RSAPublicKey rsa && rsa.getModulus().bitLength() < MIN_RSA_BITS) {
      return "RSA key of " + rsa.getModulus().bitLength() + " bits";
    }
    if (key instanceof ECPublicKey ec
        && ec.getParams().getCurve().getField().getFieldSize() < MIN_EC_BITS) {
      return "EC key of " + ec.getParams().getCurve().getField().getFieldSize() + " bits";
    }
    return null;
  }

  /** Whether an algorithm, by its JDK name, signs a hash that can be forged. */
  static boolean isWeakSignature(String algorithm) {
    String plain = algorithm.toUpperCase(Locale.ROOT).replace("-", "");
    return plain.startsWith("MD") || plain.startsWith("SHA1");
  }

  /** Whether the extended key usage of a CA allows certificates of TLS servers below it. */
  public static boolean mayVouchForServers(X509Certificate intermediate) {
    try {
      List<String> usages = intermediate.getExtendedKeyUsage();
      return usages == null
          || usages.contains(KeyPurposeId.id_kp_serverAuth.getId())
          || usages.contains(KeyPurposeId.anyExtendedKeyUsage.getId());
    } catch (CertificateParsingException malformed) {
      return false;
    }
  }
}
