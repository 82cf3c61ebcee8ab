package org.tlsuplift.proxy.netty;

import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInboundHandlerAdapter;
import io.netty.channel.ChannelPipeline;
import io.netty.handler.ssl.ReferenceCountedOpenSslEngine;
import io.netty.handler.ssl.SslCloseCompletionEvent;
import io.netty.handler.ssl.SslHandler;
import io.netty.util.ReferenceCountUtil;

/**
 * Reports events immediately that Netty's BoringSSL handler reports late or never. The watch is
 * before the TLS handler in the pipeline. Seen in 4.2.18.
 *
 * <p>The TLS handler reports a peer's error only with the next write. A peer that ends its
 * direction with close_notify may still receive (RFC 8446 section 6.1). {@link
 * SslCloseCompletionEvent} reports that end as usual, and the TLS handler can still send.
 *
 * <p>Upstream: netty pull request 10372, "Ensure we preserve the original cause of the SSLException
 * in all cases", keeps the error for the next write, and pull request 6189, "Ensure
 * ReferenceCountedOpenSslEngine not swallow the close_notify", replies at once. To report: "An
 * SSL_read error after the handshake reaches the pipeline only with the next flush", and
 * "SslHandler with an OpenSslEngine has no half-close: a received close_notify closes the outbound
 * side too, also in TLS 1.3."
 *
 * <p>Delete when HalfCloseTest and TruncationTest pass without it.
 */
public final class EngineWatch extends ChannelInboundHandlerAdapter {
  private final EngineState engine;
  private final boolean halfClose;
  private boolean ended;

  private EngineWatch(EngineState engine, boolean halfClose) {
    this.engine = engine;
    this.halfClose = halfClose;
  }

  /**
   * Watches a pipeline's TLS handler, if it uses BoringSSL. Call it on the event loop, after the
   * handshake and before anything else has been read.
   *
   * @param name the name of the new handler
   * @param halfClose whether the peer may end its direction and continue reading
   */
  public static void add(ChannelPipeline pipeline, String name, boolean halfClose) {
    SslHandler tls = pipeline.get(SslHandler.class);
    if (tls != null && tls.engine() instanceof ReferenceCountedOpenSslEngine engine) {
      EngineState state = new EngineState(engine);
      if (halfClose) {
        state.keepOutputOpen();
      }
      pipeline.addBefore(pipeline.context(tls).name(), name, new EngineWatch(state, halfClose));
    }
  }

  @Override
  public void channelRead(ChannelHandlerContext ctx, Object message) {
    if (ended) {
      // RFC 8446 section 6.1: data after a close_notify is ignored.
      ReferenceCountUtil.release(message);
      return;
    }
    engine.keepInputOpen();
    ctx.fireChannelRead(message);
    look(ctx);
  }

  @Override
  public void channelReadComplete(ChannelHandlerContext ctx) {
    // The handshake's last read may have had more bytes, before this handler was added.
    look(ctx);
    ctx.fireChannelReadComplete();
  }

  private void look(ChannelHandlerContext ctx) {
    if (ended) {
      return;
    }
    if (engine.isFaultPending()) {
      ended = true;
      ctx.pipeline().flush();
    } else if (halfClose && engine.isCloseNotifyReceived()) {
      ended = true;
      engine.closeAfterCloseNotify();
      ctx.fireUserEventTriggered(SslCloseCompletionEvent.SUCCESS);
    }
  }
}
