package org.tlsuplift.proxy.tls;

import java.net.Socket;
import java.security.Principal;
import java.security.PrivateKey;
import java.security.cert.X509Certificate;
import javax.net.ssl.SSLEngine;
import javax.net.ssl.X509ExtendedKeyManager;
import org.jspecify.annotations.Nullable;

/**
 * Presents one leaf to every device that supports its key type. The TLS context refers to it, so a
 * handshake finds its leaf for as long as it runs.
 */
final class LeafKeyManager extends X509ExtendedKeyManager {
  private final Leaf leaf;
  private final boolean hasKey;

  /**
   * @param hasKey false for a context with a key method: BoringSSL calls the method only if it has
   *     no key
   */
  LeafKeyManager(Leaf leaf, boolean hasKey) {
    this.leaf = leaf;
    this.hasKey = hasKey;
  }

  /** BoringSSL calls this once for each key type that the device supports. */
  @Override
  public @Nullable String chooseEngineServerAlias(
      String keyType, Principal @Nullable [] issuers, SSLEngine engine) {
    return leaf.key().getAlgorithm().equals(keyType) ? leaf.alias() : null;
  }

  @Override
  public X509Certificate[] getCertificateChain(String alias) {
    return leaf.chain().toArray(X509Certificate[]::new);
  }

  @Override
  public @Nullable PrivateKey getPrivateKey(String alias) {
    return hasKey ? leaf.key() : null;
  }

  @Override
  public String @Nullable [] getClientAliases(String keyType, Principal @Nullable [] issuers) {
    return null;
  }

  @Override
  public @Nullable String chooseClientAlias(
      String[] keyType, Principal @Nullable [] issuers, @Nullable Socket socket) {
    return null;
  }

  @Override
  public String @Nullable [] getServerAliases(String keyType, Principal @Nullable [] issuers) {
    return null;
  }

  @Override
  public @Nullable String chooseServerAlias(
      String keyType, Principal @Nullable [] issuers, @Nullable Socket socket) {
    return null;
  }
}
