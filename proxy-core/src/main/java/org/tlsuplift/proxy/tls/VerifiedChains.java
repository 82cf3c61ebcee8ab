package org.tlsuplift.proxy.tls;

import com.github.benmanes.caffeine.cache.Cache;
import com.github.benmanes.caffeine.cache.Caffeine;
import java.security.cert.CertificateException;
import java.security.cert.X509Certificate;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import javax.net.ssl.SSLEngine;
import javax.net.ssl.X509ExtendedTrustManager;
import org.jspecify.annotations.Nullable;
import org.tlsuplift.proxy.model.Explanation;
import org.tlsuplift.proxy.tls.chain.NameLimits;

/**
 * Verifies the chains of origins, and does not verify the same chain for the same host again for
 * five minutes.
 *
 * <p>That is no weaker than a resumed session, for which no origin shows a chain. Only chains that
 * were trusted are kept, with all their bytes, and not beyond the end of a certificate. An object
 * belongs to one set of roots. Thread-safe.
 */
final class VerifiedChains {
  private static final Duration LIFETIME = Duration.ofMinutes(5);

  /** A chain needs some 6 KiB. */
  private static final int MAX_CHAINS = 256;

  private final X509ExtendedTrustManager verifier;
  private final Clock clock;
  private final Cache<Shown, Verified> verified =
      Caffeine.newBuilder().maximumSize(MAX_CHAINS).executor(Runnable::run).build();

  /**
   * What an origin has shown.
   *
   * @param host null if the JDK does not compare names
   */
  private record Shown(List<X509Certificate> chain, String authType, @Nullable String host) {}

  private record Verified(CertificateNames names, Instant from, Instant until) {
    boolean isValid(Instant now) {
      return !now.isBefore(from) && now.isBefore(until);
    }
  }

  VerifiedChains(X509ExtendedTrustManager verifier, Clock clock) {
    this.verifier = verifier;
    this.clock = clock;
  }

  /**
   * Verifies a chain.
   *
   * @return the names of its first certificate
   * @throws CertificateException if it is not trusted
   */
  CertificateNames verify(X509Certificate[] chain, String authType, SSLEngine engine)
      throws CertificateException {
    Shown shown = new Shown(List.of(chain), authType, engine.getPeerHost());
    Verified before = verified.getIfPresent(shown);
    Instant now = clock.instant();
    if (before != null && before.isValid(now)) {
      return before.names();
    }
    if (NameLimits.areTooMany(shown.chain())) {
      throw new OriginCertificateException(
          Explanation.of(
              "the origin's certificates have too many names and name constraints",
              "have the origin's certificate issued with fewer names, or by another CA"),
          null);
    }
    verifier.checkServerTrusted(chain, authType, engine);
    CertificateNames names = CertificateNames.of(chain[0]);
    verified.put(shown, new Verified(names, now, end(chain, now)));
    return names;
  }

  private static Instant end(X509Certificate[] chain, Instant now) {
    Instant end = now.plus(LIFETIME);
    for (X509Certificate certificate : chain) {
      Instant expires = certificate.getNotAfter().toInstant();
      end = expires.isBefore(end) ? expires : end;
    }
    return end;
  }
}
