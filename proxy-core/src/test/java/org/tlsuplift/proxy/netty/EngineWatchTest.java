package org.tlsuplift.proxy.netty;

import static org.assertj.core.api.Assertions.assertThat;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.UnpooledByteBufAllocator;
import io.netty.channel.embedded.EmbeddedChannel;
import io.netty.handler.ssl.ReferenceCountedOpenSslEngine;
import io.netty.handler.ssl.SslContextBuilder;
import io.netty.handler.ssl.SslHandler;
import io.netty.handler.ssl.SslProvider;
import java.time.Duration;
import java.util.List;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.tlsuplift.proxy.model.TlsVersion;
import org.tlsuplift.proxy.testing.TestAuthority;
import org.tlsuplift.proxy.tls.Leaf;
import org.tlsuplift.proxy.tls.OriginTrust;
import org.tlsuplift.proxy.tls.TlsContexts;
import org.tlsuplift.proxy.tls.TlsProfile;

class EngineWatchTest {
  private static final TestAuthority AUTHORITY = TestAuthority.create();

  /** Netty frees it with the TLS handler; before, it would wait for the garbage collector. */
  @ParameterizedTest
  @CsvSource({"TLSv1.2, true", "TLSv1.2, false", "TLSv1.3, true", "TLSv1.3, false"})
  void theMemoryOfBoringSslIsFreedWithTheChannel(String version, boolean closeNotify)
      throws Exception {
    Leaf leaf = AUTHORITY.source().leafFor(List.of("localhost")).toCompletableFuture().join();
    try (TlsContexts contexts =
        new TlsContexts(OriginTrust.of(List.of(AUTHORITY.certificate())), TlsVersion.TLS_1_3)) {
      SslHandler server =
          contexts.terminate(
              UnpooledByteBufAllocator.DEFAULT,
              TlsProfile.OWN_PAGES,
              null,
              leaf,
              Duration.ofSeconds(5));
      SslHandler client =
          SslContextBuilder.forClient()
              .sslProvider(SslProvider.JDK)
              .protocols(version)
              .trustManager(AUTHORITY.certificate())
              .build()
              .newHandler(UnpooledByteBufAllocator.DEFAULT, "localhost", 443);
      EmbeddedChannel device = new EmbeddedChannel(server);
      EmbeddedChannel peer = new EmbeddedChannel(client);
      exchange(peer, device);
      assertThat(server.handshakeFuture().isSuccess()).isTrue();
      EngineWatch.add(device.pipeline(), "watch", true);
      if (closeNotify) {
        var unused = client.closeOutbound();
        exchange(peer, device);
      }
      ReferenceCountedOpenSslEngine engine = (ReferenceCountedOpenSslEngine) server.engine();
      assertThat(engine.sslPointer()).isNotZero();

      device.close().sync();

      assertThat(engine.sslPointer()).isZero();
      device.finishAndReleaseAll();
      peer.finishAndReleaseAll();
    }
  }

  /** Carries all bytes in both directions. */
  private static void exchange(EmbeddedChannel one, EmbeddedChannel other) {
    while (move(one, other) || move(other, one)) {
      // Each call carries one message.
    }
  }

  private static boolean move(EmbeddedChannel from, EmbeddedChannel to) {
    from.runPendingTasks();
    ByteBuf bytes = from.readOutbound();
    if (bytes == null) {
      return false;
    }
    to.writeInbound(bytes);
    return true;
  }
}
