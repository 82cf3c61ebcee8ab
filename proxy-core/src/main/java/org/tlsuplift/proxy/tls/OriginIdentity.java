package org.tlsuplift.proxy.tls;

import java.security.PrivateKey;
import java.security.cert.X509Certificate;
import java.time.Instant;
import java.util.List;

/**
 * Who we are to an origin that asks for a client certificate (RFC 8446 section 4.3.2).
 *
 * <p>Immutable, and equal to itself only: what one identity has agreed on with an origin, another
 * one does not resume. It shows everything but its key.
 */
public final class OriginIdentity {
  private final PrivateKey key;
  private final List<X509Certificate> chain;

  /**
   * An identity whose parts belong together.
   *
   * @param key RSA or EC, and not locked away in hardware
   * @param chain the certificate of the key first, then its issuers as far as they are to be sent
   */
  public OriginIdentity(PrivateKey key, List<X509Certificate> chain) {
    this.key = key;
    this.chain = List.copyOf(chain);
    if (this.chain.isEmpty()) {
      throw new IllegalArgumentException("an identity without a certificate");
    }
  }

  /** What is sent: the certificate of the key first. */
  public List<X509Certificate> chain() {
    return chain;
  }

  /** The certificate of the key. */
  public X509Certificate certificate() {
    return chain.get(0);
  }

  /** Whose it is, such as {@code CN=relay.contoso.example}. */
  public String subject() {
    return certificate().getSubjectX500Principal().getName();
  }

  /** When the first of its certificates expires. */
  public Instant expiresAt() {
    return chain.stream()
        .map(each -> each.getNotAfter().toInstant())
        .min(Instant::compareTo)
        .orElseThrow();
  }

  /** The key itself, for whoever signs with it. */
  public PrivateKey key() {
    return key;
  }

  @Override
  public String toString() {
    return "OriginIdentity[" + subject() + "]";
  }
}
