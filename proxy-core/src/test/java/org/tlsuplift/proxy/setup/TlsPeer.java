package org.tlsuplift.proxy.setup;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInboundHandlerAdapter;
import io.netty.channel.embedded.EmbeddedChannel;
import io.netty.handler.ssl.SslHandler;
import java.nio.charset.StandardCharsets;
import javax.net.ssl.SSLContext;
import javax.net.ssl.SSLEngine;
import javax.net.ssl.SSLParameters;
import org.tlsuplift.proxy.testing.ChannelText;
import org.tlsuplift.proxy.testing.EmbeddedParts;
import org.tlsuplift.proxy.testing.EmbeddedSocket;

/** The other end of an embedded connection, with the JDK's TLS. */
public final class TlsPeer implements AutoCloseable {
  private final EmbeddedSocket socket;
  private final EmbeddedChannel peer;

  private TlsPeer(EmbeddedSocket socket, SSLEngine engine) {
    this.socket = socket;
    this.peer =
        new EmbeddedChannel(
            new SslHandler(engine),
            new ChannelInboundHandlerAdapter() {
              @Override
              public void exceptionCaught(ChannelHandlerContext ctx, Throwable cause) {
                // The test checks only the proxy's side.
              }
            });
  }

  /** A device that supports only this version, and has sent its ClientHello. */
  public static TlsPeer device(
      EmbeddedSocket socket, SSLContext context, String version, String... protocols) {
    SSLEngine engine = context.createSSLEngine(EmbeddedParts.HOST, 443);
    engine.setUseClientMode(true);
    engine.setEnabledProtocols(new String[] {version});
    SSLParameters parameters = engine.getSSLParameters();
    parameters.setApplicationProtocols(protocols);
    engine.setSSLParameters(parameters);
    TlsPeer device = new TlsPeer(socket, engine);
    move(device.peer, device.socket);
    return device;
  }

  /** An origin that waits for a ClientHello. */
  public static TlsPeer origin(EmbeddedSocket socket) {
    SSLEngine engine = EmbeddedParts.SERVING.createSSLEngine();
    engine.setUseClientMode(false);
    return new TlsPeer(socket, engine);
  }

  /** Carries all bytes across until neither end sends more. */
  public void talk() {
    boolean moved = true;
    while (moved) {
      moved = move(socket, peer);
      // The received bytes may have caused a reply.
      moved |= move(peer, socket);
    }
  }

  /** Sends a text under TLS. */
  public void says(String text) {
    peer.writeOutbound(Unpooled.copiedBuffer(text, StandardCharsets.US_ASCII));
    talk();
  }

  /** The text that arrived under TLS since the last call. */
  public String heard() {
    talk();
    return ChannelText.passed(peer);
  }

  /** The agreed ALPN name, or null. */
  String applicationProtocol() {
    return peer.pipeline().get(SslHandler.class).applicationProtocol();
  }

  private static boolean move(EmbeddedChannel from, EmbeddedChannel to) {
    from.runPendingTasks();
    boolean moved = false;
    for (ByteBuf next = from.readOutbound(); next != null; next = from.readOutbound()) {
      moved = true;
      if (to.isOpen()) {
        to.writeInbound(next);
      } else {
        next.release();
      }
    }
    return moved;
  }

  @Override
  public void close() {
    var unused = peer.close();
    peer.releaseInbound();
    peer.releaseOutbound();
  }
}
