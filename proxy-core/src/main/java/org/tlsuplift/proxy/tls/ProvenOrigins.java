package org.tlsuplift.proxy.tls;

import com.github.benmanes.caffeine.cache.Cache;
import com.github.benmanes.caffeine.cache.Caffeine;
import java.net.Socket;
import java.security.cert.CertificateException;
import java.security.cert.X509Certificate;
import java.util.Arrays;
import java.util.Optional;
import javax.net.ssl.SSLEngine;
import javax.net.ssl.TrustManagerFactory;
import javax.net.ssl.X509ExtendedTrustManager;
import org.jspecify.annotations.Nullable;

/**
 * Trusts an origin whose chain is trusted and whose names satisfy the proof of its very handshake.
 *
 * <p>It takes the place of the check of one host name. Whatever comes without a proof is refused.
 */
final class ProvenOrigins extends X509ExtendedTrustManager {
  private final X509ExtendedTrustManager chains;
  private final Cache<SSLEngine, OriginProof> proofs = Caffeine.newBuilder().weakKeys().build();

  ProvenOrigins(TrustManagerFactory originTrust) {
    this.chains =
        Arrays.stream(originTrust.getTrustManagers())
            .filter(X509ExtendedTrustManager.class::isInstance)
            .map(X509ExtendedTrustManager.class::cast)
            .findFirst()
            .orElseThrow(() -> new IllegalStateException("this Java cannot verify chains"));
  }

  /** What the origin that this engine will speak to must prove. */
  void demand(SSLEngine engine, OriginProof proof) {
    proofs.put(engine, proof);
  }

  @Override
  public void checkServerTrusted(X509Certificate[] chain, String authType, SSLEngine engine)
      throws CertificateException {
    chains.checkServerTrusted(chain, authType, engine);
    OriginProof proof = proofs.getIfPresent(engine);
    if (proof == null) {
      throw nothingDemanded();
    }
    Optional<String> objection = proof.objection(CertificateNames.of(chain[0]));
    if (objection.isPresent()) {
      throw new UnprovenOriginException(objection.get());
    }
  }

  @Override
  public void checkServerTrusted(X509Certificate[] chain, String authType)
      throws CertificateException {
    throw nothingDemanded();
  }

  @Override
  public void checkServerTrusted(X509Certificate[] chain, String authType, @Nullable Socket socket)
      throws CertificateException {
    throw nothingDemanded();
  }

  @Override
  public void checkClientTrusted(X509Certificate[] chain, String authType)
      throws CertificateException {
    throw nothingDemanded();
  }

  @Override
  public void checkClientTrusted(X509Certificate[] chain, String authType, @Nullable Socket socket)
      throws CertificateException {
    throw nothingDemanded();
  }

  @Override
  public void checkClientTrusted(
      X509Certificate[] chain, String authType, @Nullable SSLEngine engine)
      throws CertificateException {
    throw nothingDemanded();
  }

  @Override
  public X509Certificate[] getAcceptedIssuers() {
    return chains.getAcceptedIssuers();
  }

  private static CertificateException nothingDemanded() {
    return new CertificateException("nobody said what the certificate must prove");
  }
}
