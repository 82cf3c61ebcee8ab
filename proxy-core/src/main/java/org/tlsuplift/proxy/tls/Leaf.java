package org.tlsuplift.proxy.tls;

import java.security.PrivateKey;
import java.security.cert.X509Certificate;
import java.util.List;

/**
 * A certificate to show to a device, with its key.
 *
 * @param alias unique to this very certificate: a renewed leaf for the same name has another alias
 * @param chain the leaf first, then its issuers, without the root where the root is self-signed and
 *     given to devices
 * @param key the leaf's private key
 */
public record Leaf(String alias, List<X509Certificate> chain, PrivateKey key) {
  public Leaf {
    chain = List.copyOf(chain);
  }

  /** What one who is an origin's guest by it shows as a server. */
  public static Leaf of(OriginIdentity identity) {
    X509Certificate certificate = identity.certificate();
    // An issuer gives a serial number once (RFC 5280 section 4.1.2.2).
    String alias =
        certificate.getIssuerX500Principal().getName()
            + "#"
            + certificate.getSerialNumber().toString(16)
            + "#"
            + certificate.getNotBefore().toInstant();
    return new Leaf(alias, identity.chain(), identity.key());
  }
}
