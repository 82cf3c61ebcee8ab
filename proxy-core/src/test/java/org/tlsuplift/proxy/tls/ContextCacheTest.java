package org.tlsuplift.proxy.tls;

import static org.assertj.core.api.Assertions.assertThat;

import io.netty.buffer.UnpooledByteBufAllocator;
import io.netty.handler.ssl.SslContext;
import io.netty.handler.ssl.SslContextBuilder;
import io.netty.handler.ssl.SslProvider;
import io.netty.util.ReferenceCountUtil;
import io.netty.util.ReferenceCounted;
import java.security.cert.X509Certificate;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ThreadLocalRandom;
import java.util.stream.IntStream;
import javax.net.ssl.SSLEngine;
import org.junit.jupiter.api.Test;

class ContextCacheTest {
  private static final X509Certificate ROOT = SelfTestCertificate.of("localhost").certificate();

  private final Map<Integer, SslContext> made = new ConcurrentHashMap<>();

  private SslContext make(int key) throws Exception {
    SslContext context =
        SslContextBuilder.forClient().trustManager(ROOT).sslProvider(SslProvider.OPENSSL).build();
    made.put(key, context);
    return context;
  }

  private static int references(Object counted) {
    return ((ReferenceCounted) counted).refCnt();
  }

  @Test
  void freesAContextThatLeavesTheCache() {
    try (ContextCache<Integer> cache = new ContextCache<>(1, this::make)) {
      IntStream.range(0, 20).forEach(key -> cache.use(key, context -> context));
      assertThat(made.values().stream().filter(context -> references(context) > 0)).hasSize(1);
    }
    assertThat(made)
        .hasSize(20)
        .allSatisfy((key, context) -> assertThat(references(context)).isZero());
  }

  @Test
  void keepsAContextThatAnEngineUses() {
    ContextCache<Integer> cache = new ContextCache<>(1, this::make);
    SSLEngine engine = cache.use(0, context -> context.newEngine(UnpooledByteBufAllocator.DEFAULT));
    cache.close();
    SslContext context = made.get(0);
    assertThat(references(context)).isPositive();
    ReferenceCountUtil.release(engine);
    assertThat(references(context)).isZero();
  }

  @Test
  void findsAContextForEveryCallerWhileOthersRemoveIt() {
    try (ContextCache<Integer> cache = new ContextCache<>(1, key -> make(key))) {
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
