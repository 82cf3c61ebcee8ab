package org.tlsuplift.bench.load;

import io.netty.channel.Channel;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInboundHandlerAdapter;
import io.netty.handler.ssl.SslHandler;
import io.netty.handler.ssl.SslHandshakeCompletionEvent;
import java.util.Objects;
import java.util.concurrent.atomic.LongAdder;
import javax.net.ssl.SSLException;
import javax.net.ssl.SSLSession;
import org.jspecify.annotations.Nullable;

/** One connection of a device: shakes hands, checks what was agreed, and does its work. */
public abstract sealed class Device extends ChannelInboundHandlerAdapter
    permits RequestingDevice, MailDevice {
  /** Is told how it goes, on the event loop. */
  interface Events {
    /** The work is done; the connection is open. */
    void answered(Device device);

    /** The connection is of no more use; told once, and not after {@link Device#close}. */
    void failed(Device device, Throwable why);
  }

  private final DeviceTls tls;
  private final int port;
  private final LongAdder resumed;
  private final Events events;
  private final long startedNanos = System.nanoTime();
  private @Nullable Channel channel;
  private boolean over;

  /**
   * A device that is not connected.
   *
   * @param port of the proxy
   * @param resumed counts its handshake, if that is resumed
   */
  Device(DeviceTls tls, int port, LongAdder resumed, Events events) {
    this.tls = tls;
    this.port = port;
    this.resumed = resumed;
    this.events = events;
  }

  final long ageNanos() {
    return System.nanoTime() - startedNanos;
  }

  final Channel channel() {
    return Objects.requireNonNull(channel);
  }

  @Override
  public void handlerAdded(ChannelHandlerContext ctx) {
    channel = ctx.channel();
  }

  /** Shakes hands as soon as the channel is active. */
  final void startTls() {
    channel()
        .pipeline()
        .addFirst(new FirstFlight(false, resumed), tls.handler(channel().alloc(), port));
  }

  @Override
  public final void userEventTriggered(ChannelHandlerContext ctx, Object event) {
    if (event instanceof SslHandshakeCompletionEvent handshake) {
      SSLSession session = ctx.pipeline().get(SslHandler.class).engine().getSession();
      if (!handshake.isSuccess()) {
        fail(handshake.cause());
      } else if (!session.getProtocol().equals(tls.protocol())
          || !session.getCipherSuite().equals(tls.cipher())) {
        fail(new SSLException(session.getProtocol() + " " + session.getCipherSuite()));
      } else {
        // Only after the last flight of the handshake was written: OpenSSL writes the two
        // separately,
        // and the proxy reads twice.
        ctx.executor().execute(this::request);
      }
    }
  }

  /** Asks, on a connection that is secured; once more if it has asked before. */
  abstract void request();

  /** Tells that the work is done, unless it has ended. */
  final void done() {
    if (!over) {
      events.answered(this);
    }
  }

  public final void close() {
    over = true;
    var unused = channel().close();
  }

  @Override
  public void channelInactive(ChannelHandlerContext ctx) {
    fail(new IllegalStateException("closed before the answer"));
  }

  @Override
  public void exceptionCaught(ChannelHandlerContext ctx, Throwable cause) {
    fail(cause);
    var unused = ctx.close();
  }

  /** Ends it with an error, unless it has ended. */
  final void fail(Throwable why) {
    if (!over) {
      over = true;
      events.failed(this, why);
    }
  }
}
