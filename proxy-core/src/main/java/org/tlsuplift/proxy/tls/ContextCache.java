package org.tlsuplift.proxy.tls;

import com.github.benmanes.caffeine.cache.CacheLoader;
import com.github.benmanes.caffeine.cache.Caffeine;
import com.github.benmanes.caffeine.cache.LoadingCache;
import com.github.benmanes.caffeine.cache.RemovalCause;
import com.github.benmanes.caffeine.cache.Ticker;
import io.netty.handler.ssl.SslContext;
import io.netty.util.IllegalReferenceCountException;
import io.netty.util.ReferenceCountUtil;
import java.time.Duration;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/**
 * A cache of TLS contexts, bounded by number and by time without use. A context that leaves the
 * cache is released, and freed when its last engine ends.
 *
 * <p>Netty's finalizer would free it late, and Netty's leak detector could report the context's
 * certificate as a leak. Thread-safe.
 *
 * @param <K> the parameters of a context
 */
final class ContextCache<K> implements AutoCloseable {
  private final LoadingCache<K, SslContext> contexts;

  /**
   * Creates a cache that creates contexts on the calling thread.
   *
   * @param unused the time without use after which a context is released; at least as long as its
   *     TLS sessions are valid, so that none is lost
   */
  ContextCache(int maximum, Duration unused, Ticker clock, CacheLoader<K, SslContext> maker) {
    this.contexts =
        Caffeine.newBuilder()
            .maximumSize(maximum)
            .expireAfterAccess(unused)
            .ticker(clock)
            .executor(Runnable::run)
            .removalListener(ContextCache::release)
            .build(maker);
  }

  /** Calls {@code user} with this key's context, which stays valid until {@code user} returns. */
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
        // Another thread has removed the context; the cache creates a new one.
      }
    }
  }

  /** Releases all contexts. Open engines retain their contexts until they end. */
  @Override
  public void close() {
    contexts.invalidateAll();
  }
}
