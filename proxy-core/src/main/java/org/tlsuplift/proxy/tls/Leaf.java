package org.tlsuplift.proxy.tls;

import java.security.GeneralSecurityException;
import java.security.MessageDigest;
import java.security.PrivateKey;
import java.security.cert.X509Certificate;
import java.util.HexFormat;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * A certificate that the proxy presents to devices, with its key. Two leaves are equal if they have
 * the same certificate and chain, for example if a file was read twice.
 *
 * @param alias unique to this certificate and chain: a renewed leaf for the same name has another
 *     alias
 * @param commonAlias the same for all certificates under which a device may resume one session,
 *     also at another instance of the proxy
 * @param chain the leaf first, then its issuers; without a self-signed root, because devices have
 *     it
 */
public record Leaf(String alias, String commonAlias, List<X509Certificate> chain, PrivateKey key) {
  public Leaf {
    chain = List.copyOf(chain);
  }

  @Override
  public boolean equals(@Nullable Object other) {
    return other instanceof Leaf leaf && alias.equals(leaf.alias);
  }

  @Override
  public int hashCode() {
    return alias.hashCode();
  }

  /** Makes a leaf that shares its common alias with no other leaf. */
  public static Leaf of(String name, List<X509Certificate> chain, PrivateKey key) {
    String alias = alias(name, chain);
    return new Leaf(alias, alias, chain, key);
  }

  /**
   * Makes a leaf. Its alias has the digest of the chain, because a CA that replaces another one may
   * have the same name and use the same serial numbers.
   *
   * @param name the start of the alias
   */
  public static Leaf of(
      String name, String commonAlias, List<X509Certificate> chain, PrivateKey key) {
    return new Leaf(alias(name, chain), commonAlias, chain, key);
  }

  private static String alias(String name, List<X509Certificate> chain) {
    try {
      MessageDigest digest = MessageDigest.getInstance("SHA-256");
      for (X509Certificate certificate : chain) {
        digest.update(certificate.getEncoded());
      }
      return name + "#" + HexFormat.of().formatHex(digest.digest());
    } catch (GeneralSecurityException impossible) {
      throw new IllegalStateException("a certificate has no encoding", impossible);
    }
  }

  /** Makes a leaf from a certificate and key that were loaded as an identity. */
  public static Leaf of(OriginIdentity identity) {
    return of(identity.subject(), identity.chain(), identity.key());
  }
}
