package org.tlsuplift.proxy.tls;

import com.github.benmanes.caffeine.cache.Cache;
import com.github.benmanes.caffeine.cache.Caffeine;
import java.net.Socket;
import java.security.cert.CertificateException;
import java.security.cert.X509Certificate;
import java.util.List;
import java.util.Optional;
import javax.net.ssl.SSLEngine;
import javax.net.ssl.X509ExtendedTrustManager;
import org.jspecify.annotations.Nullable;
import org.tlsuplift.proxy.model.Explanation;
import org.tlsuplift.proxy.model.ShortText;
import org.tlsuplift.proxy.tls.chain.ChainFaults;

/**
 * Trusts an origin whose chain is trusted and whose names satisfy the proof of its own handshake.
 *
 * <p>All TLS that this program originates is verified here. Only the subjectAltName counts, and a
 * wildcard only as the whole leftmost label (RFC 9525 section 6.3); the JDK would accept the common
 * name, and a star within a label or in any label. An engine without a proof is refused.
 */
final class ProvenOrigins extends X509ExtendedTrustManager {
  private static final int MAX_MESSAGE = 160;

  private final X509ExtendedTrustManager chains;
  private final ChainFaults faults;
  private final Cache<SSLEngine, Demand> demands = Caffeine.newBuilder().weakKeys().build();

  private static final class Demand {
    private final OriginProof proof;
    private volatile boolean met;

    Demand(OriginProof proof) {
      this.proof = proof;
    }
  }

  ProvenOrigins(OriginTrust trust) {
    this.chains = trust.chains();
    this.faults = trust.faults();
  }

  /** Sets what the engine's origin must prove. */
  void demand(SSLEngine engine, OriginProof proof) {
    demands.put(engine, new Demand(proof));
  }

  /** Whether the origin has proven it; a resumed session does not repeat it. */
  boolean isMet(SSLEngine engine) {
    Demand demand = demands.getIfPresent(engine);
    return demand != null && demand.met;
  }

  @Override
  public void checkServerTrusted(X509Certificate[] chain, String authType, SSLEngine engine)
      throws CertificateException {
    Demand demand = demands.getIfPresent(engine);
    if (demand == null) {
      throw nothingDemanded();
    }
    try {
      chains.checkServerTrusted(chain, authType, engine);
    } catch (CertificateException refused) {
      if (isAboutTheName(refused)) {
        prove(demand, chain[0]);
      }
      throw new OriginCertificateException(
          faults
              .explain(List.of(chain))
              .orElse(
                  Explanation.of(
                      "the origin's certificate was refused: "
                          + ShortText.cut(String.valueOf(refused.getMessage()), MAX_MESSAGE))),
          refused);
    }
    prove(demand, chain[0]);
    Staples.verify(engine, chain[0], faults.issuer(List.of(chain)));
    demand.met = true;
  }

  private static void prove(Demand demand, X509Certificate certificate)
      throws OriginCertificateException {
    Optional<Explanation> objection = demand.proof.objection(CertificateNames.of(certificate));
    if (objection.isPresent()) {
      throw new OriginCertificateException(objection.get(), null);
    }
  }

  /**
   * The JDK compares names last, after it has verified the chain, and throws a different exception
   * class for everything before that.
   */
  private static boolean isAboutTheName(CertificateException refused) {
    return refused.getClass() == CertificateException.class && refused.getCause() == null;
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
    return new CertificateException("nothing was demanded of this origin's certificate");
  }
}
