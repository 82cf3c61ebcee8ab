package org.tlsuplift.proxy.tls;

import com.github.benmanes.caffeine.cache.Cache;
import com.github.benmanes.caffeine.cache.Caffeine;
import java.net.Socket;
import java.security.Principal;
import java.security.PrivateKey;
import java.security.cert.X509Certificate;
import javax.net.ssl.SSLEngine;
import javax.net.ssl.X509ExtendedKeyManager;
import org.jspecify.annotations.Nullable;

/**
 * Selects the session's leaf, so that one TLS context serves any number of names.
 *
 * <p>The engine's peer host is the leaf's alias: a server's engine has no other use for it, and the
 * device needs no SNI. A leaf is found while the session holds it, even if the certificate cache
 * has evicted it.
 */
final class LeafKeyManager extends X509ExtendedKeyManager {
  private final Cache<String, Leaf> leaves;
  private final boolean hasKeys;

  LeafKeyManager() {
    this(Caffeine.newBuilder().weakValues().executor(Runnable::run).build(), true);
  }

  private LeafKeyManager(Cache<String, Leaf> leaves, boolean hasKeys) {
    this.leaves = leaves;
    this.hasKeys = hasKeys;
  }

  /**
   * The same leaves without their keys, for a context with a key method: BoringSSL calls the method
   * only if it has no key.
   */
  LeafKeyManager withoutKeys() {
    return new LeafKeyManager(leaves, false);
  }

  void offer(Leaf leaf) {
    var unused = leaves.get(leaf.alias(), alias -> leaf);
  }

  @Override
  public @Nullable String chooseEngineServerAlias(
      String keyType, Principal @Nullable [] issuers, SSLEngine engine) {
    Leaf leaf = leaves.getIfPresent(engine.getPeerHost());
    // BoringSSL calls this once for each key type that the device supports.
    return leaf != null && leaf.key().getAlgorithm().equals(keyType) ? leaf.alias() : null;
  }

  @Override
  public X509Certificate @Nullable [] getCertificateChain(String alias) {
    Leaf leaf = leaves.getIfPresent(alias);
    return leaf == null ? null : leaf.chain().toArray(X509Certificate[]::new);
  }

  @Override
  public @Nullable PrivateKey getPrivateKey(String alias) {
    Leaf leaf = hasKeys ? leaves.getIfPresent(alias) : null;
    return leaf == null ? null : leaf.key();
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
