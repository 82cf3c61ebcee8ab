package org.tlsuplift.proxy.tls;

import java.security.PrivateKey;
import java.security.cert.X509Certificate;
import java.util.List;

/**
 * A certificate that the proxy presents to devices, with its key.
 *
 * @param alias unique to this certificate: a renewed leaf for the same name has another alias
 * @param chain the leaf first, then its issuers; without a self-signed root, because devices have
 *     it
 */
public record Leaf(String alias, List<X509Certificate> chain, PrivateKey key) {
  public Leaf {
    chain = List.copyOf(chain);
  }

  /** Makes a leaf from a certificate and key that were loaded as an identity. */
  public static Leaf of(OriginIdentity identity) {
    X509Certificate certificate = identity.certificate();
    // An issuer uses a serial number once (RFC 5280 section 4.1.2.2); its chain may be corrected.
    String alias =
        "%s#%s#%s#%x"
            .formatted(
                certificate.getIssuerX500Principal().getName(),
                certificate.getSerialNumber().toString(16),
                certificate.getNotBefore().toInstant(),
                identity.chain().hashCode());
    return new Leaf(alias, identity.chain(), identity.key());
  }
}
