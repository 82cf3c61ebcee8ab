package org.tlsuplift.proxy.tls;

import java.security.PublicKey;
import java.security.cert.CertPathValidatorException;
import java.security.cert.CertPathValidatorException.BasicReason;
import java.security.cert.Certificate;
import java.security.cert.PKIXCertPathChecker;
import java.security.cert.X509Certificate;
import java.security.interfaces.ECPublicKey;
import java.security.interfaces.RSAPublicKey;
import java.util.Collection;
import java.util.Locale;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * Refuses an origin's certificate that is signed with MD5 or SHA-1, or has an RSA key below 2048 or
 * an EC key below 256 bits.
 *
 * <p>The JDK applies such limits to chains that end in its own roots only, so that a private bundle
 * would let SHA-1 pass.
 */
final class StrongChainChecker extends PKIXCertPathChecker {
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
    String weakness = weakness((X509Certificate) certificate);
    if (weakness != null) {
      throw new CertPathValidatorException(
          weakness, null, null, -1, BasicReason.ALGORITHM_CONSTRAINED);
    }
  }

  private static @Nullable String weakness(X509Certificate certificate) {
    String signature = certificate.getSigAlgName().toUpperCase(Locale.ROOT).replace("-", "");
    if (signature.startsWith("MD") || signature.startsWith("SHA1")) {
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
}
