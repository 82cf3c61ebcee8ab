package org.tlsuplift.proxy.tls;

import com.github.benmanes.caffeine.cache.Cache;
import com.github.benmanes.caffeine.cache.Caffeine;
import java.net.Socket;
import java.security.cert.CertificateException;
import java.security.cert.X509Certificate;
import java.time.Clock;
import java.util.List;
import java.util.Optional;
import javax.net.ssl.SSLEngine;
import javax.net.ssl.X509ExtendedTrustManager;
import org.jspecify.annotations.Nullable;
import org.tlsuplift.proxy.model.Explanation;
import org.tlsuplift.proxy.model.ShortText;
import org.tlsuplift.proxy.tls.chain.ChainFaults;

/**
 * Trusts an origin if its chain is trusted and its names meet the handshake's {@link OriginProof}.
 * An engine without a proof is refused.
 *
 * <p>The proxy verifies every origin here. Only names in the subjectAltName count, and a wildcard
 * must be the whole leftmost label (RFC 9525 section 6.3). The JDK would also accept the common
 * name, and a wildcard in any position. Thread-safe.
 */
final class ProvenOrigins extends X509ExtendedTrustManager {
  private static final int MAX_MESSAGE = 160;

  private final X509ExtendedTrustManager chains;
  private final VerifiedChains verified;
  private final ChainFaults faults;

  /** It tidies up on the caller's thread: waking another one takes longer. */
  private final Cache<SSLEngine, Demand> demands =
      Caffeine.newBuilder().weakKeys().executor(Runnable::run).build();

  private static final class Demand {
    private final OriginProof proof;
    private volatile boolean met;

    Demand(OriginProof proof) {
      this.proof = proof;
    }
  }

  ProvenOrigins(OriginTrust trust) {
    this.chains = trust.chains();
    this.verified = new VerifiedChains(chains, Clock.systemUTC());
    this.faults = trust.faults();
  }

  /** Sets the proof that the engine's origin must meet. */
  void demand(SSLEngine engine, OriginProof proof) {
    demands.put(engine, new Demand(proof));
  }

  /** Whether the origin has met the proof in this handshake; false for a resumed session. */
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
    CertificateNames names;
    try {
      names = verified.verify(chain, authType, engine);
    } catch (OriginCertificateException explained) {
      throw explained;
    } catch (CertificateException refused) {
      if (isAboutTheName(refused)) {
        prove(demand, CertificateNames.of(chain[0]));
      }
      throw new OriginCertificateException(
          faults
              .explain(List.of(chain))
              .orElse(
                  Explanation.of(
                      "the origin's certificate was refused: "
                          + ShortText.cut(String.valueOf(refused.getMessage()), MAX_MESSAGE))),
          refused);
    } catch (RuntimeException unreadable) {
      // The JDK fails on some malformed extensions, such as an empty excluded name.
      throw new OriginCertificateException(
          Explanation.of(
              "the origin's certificates cannot be read: "
                  + ShortText.cut(String.valueOf(unreadable.getMessage()), MAX_MESSAGE),
              "have the origin's certificate issued by another CA"),
          unreadable);
    }
    prove(demand, names);
    Staples.verify(engine, chain[0], () -> faults.issuer(List.of(chain)));
    demand.met = true;
  }

  private static void prove(Demand demand, CertificateNames names)
      throws OriginCertificateException {
    Optional<Explanation> objection = demand.proof.objection(names);
    if (objection.isPresent()) {
      throw new OriginCertificateException(objection.get(), null);
    }
  }

  /**
   * The JDK compares names last, after it has verified the chain. All earlier failures have another
   * exception class.
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
    return new CertificateException("no proof was set for this handshake");
  }
}
