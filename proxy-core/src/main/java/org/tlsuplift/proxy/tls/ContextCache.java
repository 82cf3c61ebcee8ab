package org.tlsuplift.proxy.tls;

import com.github.benmanes.caffeine.cache.CacheLoader;
import com.github.benmanes.caffeine.cache.Caffeine;
import com.github.benmanes.caffeine.cache.LoadingCache;
import com.github.benmanes.caffeine.cache.RemovalCause;
import io.netty.handler.ssl.SslContext;
import io.netty.util.IllegalReferenceCountException;
import io.netty.util.ReferenceCountUtil;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/**
 * A bounded number of TLS contexts. A context that leaves the cache is released, and freed when its
 * last engine has ended.
 *
 * <p>Netty would also free it in a finalizer. That happens late, and Netty's leak detector can
 * report the certificate of such a context as lost. Thread-safe.
 *
 * @param <K> what a context is made for
 */
final class ContextCache<K> implements AutoCloseable {
  private final LoadingCache<K, SslContext> contexts;

  /** Creates a cache that makes its contexts on the thread that asks for them. */
  ContextCache(int maximum, CacheLoader<K, SslContext> maker) {
    this.contexts =
        Caffeine.newBuilder()
            .maximumSize(maximum)
            .executor(Runnable::run)
            .removalListener(ContextCache::release)
            .build(maker);
  }

  /** Makes something of the context for this key, which stays valid until that is done. */
  <T> T use(K key, Function<SslContext, T> user) {
    SslContext context = retained(key);
    try {
      return user.apply(context);
    } finally {
      ReferenceCountUtil.release(context);
    }
  }

  private static void release(@Nullable Object key, @Nullable Object context, RemovalCause cause) {
    ReferenceCountUtil.release(context);
  }

  private SslContext retained(K key) {
    while (true) {
      try {
        return ReferenceCountUtil.retain(contexts.get(key));
      } catch (IllegalReferenceCountException removed) {
        // Another thread has removed it since; the cache makes a new one.
      }
    }
  }

  /** Releases all contexts; engines that are still open keep theirs until they end. */
  @Override
  public void close() {
    contexts.invalidateAll();
  }
}
