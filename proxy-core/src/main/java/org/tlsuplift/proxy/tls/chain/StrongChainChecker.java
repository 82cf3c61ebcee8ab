package org.tlsuplift.proxy.tls.chain;

import java.io.IOException;
import java.security.AlgorithmParameters;
import java.security.GeneralSecurityException;
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
import java.security.spec.PSSParameterSpec;
import java.util.Collection;
import java.util.List;
import java.util.Locale;
import java.util.Set;
import org.bouncycastle.asn1.x509.KeyPurposeId;
import org.jspecify.annotations.Nullable;

/**
 * Refuses a certificate in an origin's chain that is signed with MD5 or SHA-1, or has an RSA key
 * below 2048 bits or an EC key below 256 bits. Also refuses an intermediate CA that may not issue
 * certificates for TLS servers.
 *
 * <p>The JDK checks the strength only in chains to its own roots, so with the operator's roots it
 * would accept SHA-1. It checks the extended key usage only of the origin's own certificate;
 * browsers also check the intermediate CAs (CA/Browser Forum Baseline Requirements section
 * 7.1.2.2). Trust anchors are not checked, because the operator chose them.
 */
public final class StrongChainChecker extends PKIXCertPathChecker {
  /** The JDK's name of a signature algorithm whose parameters have the hash. */
  static final String PSS = "RSASSA-PSS";

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
          "the extended key usage excludes TLS servers",
          null,
          null,
          -1,
          PKIXReason.INVALID_KEY_USAGE);
    }
  }

  /** The weakness, in words for the operator, or null if there is none. */
  static @Nullable String weakness(X509Certificate certificate) {
    String algorithm = algorithm(certificate.getSigAlgName(), certificate.getSigAlgParams());
    if (isWeakSignature(algorithm)) {
      return "signed with " + algorithm;
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

  /**
   * The name of a signature algorithm that begins with its hash.
   *
   * @param name the JDK's name; that of RSASSA-PSS has no hash
   * @param parameters the encoded parameters, which have the hash of RSASSA-PSS (RFC 4055 section
   *     3.1); without them it is SHA-1
   */
  static String algorithm(String name, byte @Nullable [] parameters) {
    if (!name.equals(PSS)) {
      return name;
    }
    try {
      AlgorithmParameters pss = AlgorithmParameters.getInstance(PSS);
      pss.init(parameters == null ? new byte[0] : parameters);
      return pss.getParameterSpec(PSSParameterSpec.class).getDigestAlgorithm() + "with" + PSS;
    } catch (GeneralSecurityException | IOException missingOrMalformed) {
      return "SHA-1with" + PSS;
    }
  }

  /**
   * Whether a signature algorithm, by its {@link #algorithm name}, has a hash that can be forged.
   */
  static boolean isWeakSignature(String algorithm) {
    String plain = algorithm.toUpperCase(Locale.ROOT).replace("-", "");
    return plain.startsWith("MD") || plain.startsWith("SHA1");
  }

  /** Whether a CA's extended key usage allows it to issue certificates for TLS servers. */
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
