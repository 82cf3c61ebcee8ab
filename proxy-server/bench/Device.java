package org.tlsuplift.bench;

import io.netty.buffer.ByteBuf;
import io.netty.channel.Channel;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInboundHandlerAdapter;
import io.netty.handler.ssl.SslHandler;
import io.netty.handler.ssl.SslHandshakeCompletionEvent;
import io.netty.util.ReferenceCountUtil;
import javax.net.ssl.SSLException;
import javax.net.ssl.SSLSession;

/** One connection of a device: shakes hands, checks what was agreed, and makes requests. */
final class Device extends ChannelInboundHandlerAdapter {
  /** Is told how it goes, on the event loop. */
  interface Events {
    /** The whole answer to a request is there. */
    void answered(Device device);

    /** The connection is of no more use; told once, and not after {@link Device#close}. */
    void failed(Device device, Throwable why);
  }

  private final DeviceTls tls;
  private final Exchange exchange;
  private final Events events;
  private final long startedNanos = System.nanoTime();
  private Channel channel;
  private long toRead;
  private long toWrite;
  private boolean over;

  Device(DeviceTls tls, Exchange exchange, Events events) {
    this.tls = tls;
    this.exchange = exchange;
    this.events = events;
  }

  long ageNanos() {
    return System.nanoTime() - startedNanos;
  }

  @Override
  public void userEventTriggered(ChannelHandlerContext ctx, Object event) {
    if (event instanceof SslHandshakeCompletionEvent handshake) {
      SSLSession session = ctx.pipeline().get(SslHandler.class).engine().getSession();
      if (!handshake.isSuccess()) {
        fail(handshake.cause());
      } else if (!session.getProtocol().equals(tls.protocol())
          || !session.getCipherSuite().equals(tls.cipher())) {
        fail(new SSLException(session.getProtocol() + " " + session.getCipherSuite()));
      } else {
        channel = ctx.channel();
        request();
      }
    }
  }

  /** Asks once more on the same connection. */
  void request() {
    toRead = exchange.answerBytes();
    toWrite = exchange.uploadBytes();
    channel.write(exchange.request(channel.alloc()));
    upload();
  }

  private void upload() {
    while (toWrite > 0 && channel.isWritable()) {
      ByteBuf part = exchange.payload(toWrite);
      toWrite -= part.readableBytes();
      channel.write(part);
    }
    channel.flush();
  }

  @Override
  public void channelWritabilityChanged(ChannelHandlerContext ctx) {
    if (toWrite > 0) {
      upload();
    }
  }

  @Override
  public void channelRead(ChannelHandlerContext ctx, Object message) {
    toRead -= ((ByteBuf) message).readableBytes();
    ReferenceCountUtil.release(message);
    if (toRead < 0) {
      fail(new IllegalStateException("more than was asked for"));
    } else if (toRead == 0 && !over) {
      events.answered(this);
    }
  }

  void close() {
    over = true;
    channel.close();
  }

  @Override
  public void channelInactive(ChannelHandlerContext ctx) {
    fail(new IllegalStateException("closed before the answer"));
  }

  @Override
  public void exceptionCaught(ChannelHandlerContext ctx, Throwable cause) {
    fail(cause);
    ctx.close();
  }

  /** Ends it with an error, unless it has ended. */
  void fail(Throwable why) {
    if (!over) {
      over = true;
      events.failed(this, why);
    }
  }
}
