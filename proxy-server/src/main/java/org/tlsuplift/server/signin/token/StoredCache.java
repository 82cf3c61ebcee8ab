package org.tlsuplift.server.signin.token;

import com.microsoft.aad.msal4j.ITokenCacheAccessAspect;
import com.microsoft.aad.msal4j.ITokenCacheAccessContext;

/** Keeps the library's tokens in a {@link TokenStore} between requests. */
final class StoredCache implements ITokenCacheAccessAspect {
  private final TokenStore store;
  private final String name;

  /**
   * @param name of the tokens in the store
   */
  StoredCache(TokenStore store, String name) {
    this.store = store;
    this.name = name;
  }

  String stamp() {
    return store.stamp(name);
  }

  @Override
  public void beforeCacheAccess(ITokenCacheAccessContext context) {
    store.read(name).ifPresent(context.tokenCache()::deserialize);
  }

  @Override
  public void afterCacheAccess(ITokenCacheAccessContext context) {
    if (context.hasCacheChanged()) {
      store.write(name, context.tokenCache().serialize());
    }
  }
}
