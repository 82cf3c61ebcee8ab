package org.tlsuplift.proxy.tls;

import static org.assertj.core.api.Assertions.assertThat;

import io.netty.buffer.UnpooledByteBufAllocator;
import io.netty.handler.ssl.SslContext;
import io.netty.handler.ssl.SslContextBuilder;
import io.netty.handler.ssl.SslProvider;
import io.netty.util.ReferenceCountUtil;
import io.netty.util.ReferenceCounted;
import java.security.cert.X509Certificate;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ThreadLocalRandom;
import java.util.concurrent.atomic.AtomicLong;
import java.util.stream.IntStream;
import javax.net.ssl.SSLEngine;
import org.junit.jupiter.api.Test;

class ContextCacheTest {
  private static final X509Certificate ROOT = SelfTestCertificate.of("localhost").certificate();

  private static final Duration UNUSED = Duration.ofHours(1);

  private final Map<Integer, SslContext> made = new ConcurrentHashMap<>();
  private final AtomicLong nanos = new AtomicLong();

  private SslContext make(int key) throws Exception {
    SslContext context =
        SslContextBuilder.forClient().trustManager(ROOT).sslProvider(SslProvider.OPENSSL).build();
    made.put(key, context);
    return context;
  }

  private ContextCache<Integer> cache() {
    return new ContextCache<>(1, UNUSED, nanos::get, this::make);
  }

  private static int references(Object counted) {
    return ((ReferenceCounted) counted).refCnt();
  }

  @Test
  void freesAContextThatLeavesTheCache() {
    try (ContextCache<Integer> cache = cache()) {
      IntStream.range(0, 20).forEach(key -> cache.use(key, context -> context));
      assertThat(made.values().stream().filter(context -> references(context) > 0)).hasSize(1);
    }
    assertThat(made)
        .hasSize(20)
        .allSatisfy((key, context) -> assertThat(references(context)).isZero());
  }

  /** Its TLS sessions have expired by then, but only the context's next session would free them. */
  @Test
  void freesAContextThatIsUnusedForTooLong() {
    try (ContextCache<Integer> cache = new ContextCache<>(10, UNUSED, nanos::get, this::make)) {
      cache.use(0, context -> context);
      nanos.addAndGet(UNUSED.toNanos() - 1);
      cache.use(0, context -> context);
      cache.use(1, context -> context);
      nanos.addAndGet(UNUSED.toNanos() - 1);
      cache.use(1, context -> context);
      assertThat(references(made.get(0))).isPositive();
      nanos.incrementAndGet();
      cache.use(2, context -> context);
      assertThat(references(made.get(0))).isZero();
      assertThat(references(made.get(1))).isPositive();
    }
  }

  @Test
  void keepsAContextThatAnEngineUses() {
    ContextCache<Integer> cache = cache();
    SSLEngine engine = cache.use(0, context -> context.newEngine(UnpooledByteBufAllocator.DEFAULT));
    cache.close();
    SslContext context = made.get(0);
    assertThat(references(context)).isPositive();
    ReferenceCountUtil.release(engine);
    assertThat(references(context)).isZero();
  }

  @Test
  void findsAContextForEveryCallerWhileOthersRemoveIt() {
    try (ContextCache<Integer> cache = cache()) {
      List<Integer> alive =
          IntStream.range(0, 2000)
              .parallel()
              .map(i -> ThreadLocalRandom.current().nextInt(4))
              .mapToObj(key -> cache.use(key, ContextCacheTest::references))
              .toList();
      assertThat(alive).allMatch(references -> references >= 1);
    }
  }
}
