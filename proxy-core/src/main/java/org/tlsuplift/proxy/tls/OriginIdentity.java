package org.tlsuplift.proxy.tls;

import java.security.PrivateKey;
import java.security.cert.X509Certificate;
import java.time.Instant;
import java.util.List;
import org.tlsuplift.proxy.tls.chain.CertificatePath;

/**
 * A client certificate for origins that request one (RFC 8446 section 4.3.2).
 *
 * <p>Immutable. Two instances are never equal, so that no TLS session is resumed with another
 * identity. The text form has only the subject.
 */
public final class OriginIdentity {
  private final PrivateKey key;
  private final List<X509Certificate> chain;

  /**
   * Creates an identity from a key and its certificates.
   *
   * @param key an RSA or EC key whose value is available to this process
   * @param chain the certificate of the key first, then the issuers to send
   */
  public OriginIdentity(PrivateKey key, List<X509Certificate> chain) {
    this.key = key;
    this.chain = List.copyOf(chain);
    if (this.chain.isEmpty()) {
      throw new IllegalArgumentException("chain: got no certificate; expected at least one");
    }
  }

  public List<X509Certificate> chain() {
    return chain;
  }

  public X509Certificate certificate() {
    return chain.get(0);
  }

  /**
   * The subject, such as {@code CN=relay.contoso.example}. CAs with ACME issue certificates without
   * a subject (RFC 5280 section 4.1.2.6): of these, the names.
   */
  public String subject() {
    String subject = certificate().getSubjectX500Principal().getName();
    return subject.isEmpty() ? CertificateNames.of(certificate()).toString() : subject;
  }

  /** The earliest expiry of the certificates. */
  public Instant expiresAt() {
    return CertificatePath.expiresAt(chain);
  }

  public PrivateKey key() {
    return key;
  }

  @Override
  public String toString() {
    return "OriginIdentity[" + subject() + "]";
  }
}
