package org.tlsuplift.proxy.tls;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import ch.qos.logback.classic.Logger;
import ch.qos.logback.classic.spi.ILoggingEvent;
import ch.qos.logback.core.read.ListAppender;
import io.netty.buffer.UnpooledByteBufAllocator;
import io.netty.handler.ssl.OpenSslContextOption;
import io.netty.handler.ssl.SslContext;
import io.netty.handler.ssl.SslContextBuilder;
import io.netty.handler.ssl.SslProvider;
import io.netty.util.ResourceLeakDetector;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.CyclicBarrier;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.slf4j.LoggerFactory;
import org.tlsuplift.proxy.model.TlsVersion;
import org.tlsuplift.proxy.testing.TestAuthority;

/** No copy of a leaf's private key outlives its contexts. */
class KeyMaterialTest {
  private static final TestAuthority AUTHORITY = TestAuthority.create();

  private final ListAppender<ILoggingEvent> lines = new ListAppender<>();
  private final ExecutorService eventLoops = Executors.newFixedThreadPool(2);
  private final CyclicBarrier together = new CyclicBarrier(2);

  @BeforeEach
  void listenToTheLeakDetector() {
    lines.start();
    log().addAppender(lines);
  }

  @AfterEach
  void end() {
    log().detachAppender(lines);
    eventLoops.shutdownNow();
  }

  private static Logger log() {
    return (Logger) LoggerFactory.getLogger(ResourceLeakDetector.class);
  }

  private static TlsContexts contexts() {
    return new TlsContexts(OriginTrust.of(List.of(AUTHORITY.certificate())), TlsVersion.TLS_1_3);
  }

  @Test
  void isFreedAfterTheFirstHandshakesOfTwoEventLoopsAtOnce() throws Exception {
    Leaf leaf = AUTHORITY.source().leafFor(List.of("localhost")).toCompletableFuture().join();
    SslContext device = device();
    for (int round = 0; round < 200; round++) {
      try (TlsContexts contexts = contexts()) {
        Future<?> other = eventLoops.submit(() -> handshake(device, contexts, leaf));
        eventLoops.submit(() -> handshake(device, contexts, leaf)).get();
        other.get();
      }
    }
    Witness witness = new Witness();
    witness.track(new Object());
    await()
        .until(
            () -> {
              System.gc();
              witness.track(lines);
              return witness.hasReported;
            });
    // The detector of key material reports when the next is made.
    try (TlsContexts contexts = contexts()) {
      Future<?> other = eventLoops.submit(() -> handshake(device, contexts, leaf));
      handshake(device, contexts, leaf);
      other.get();
    }
    assertThat(lines.list).isEmpty();
  }

  /** Shows that the garbage collector has found what was lost before. */
  private static final class Witness extends ResourceLeakDetector<Object> {
    private boolean hasReported;

    Witness() {
      super(Object.class, 1);
    }

    /** Called while the next object is tracked. */
    @Override
    protected void reportTracedLeak(String resourceType, String records) {
      hasReported = true;
    }

    @Override
    protected void reportUntracedLeak(String resourceType) {
      hasReported = true;
    }
  }

  private static SslContext device() throws Exception {
    return SslContextBuilder.forClient()
        .sslProvider(SslProvider.OPENSSL)
        .protocols("TLSv1.2")
        .trustManager(AUTHORITY.certificate())
        .option(OpenSslContextOption.USE_TASKS, false)
        .build();
  }

  private Void handshake(SslContext device, TlsContexts contexts, Leaf leaf) throws Exception {
    var server =
        contexts
            .terminate(
                UnpooledByteBufAllocator.DEFAULT,
                TlsProfile.OWN_PAGES,
                null,
                leaf,
                Duration.ofSeconds(5))
            .engine();
    var client = device.newEngine(UnpooledByteBufAllocator.DEFAULT, "localhost", 443);
    together.await();
    InMemoryHandshake.run(client, server);
    return null;
  }
}
