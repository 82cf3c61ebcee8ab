package org.tlsuplift.proxy.relay;

import io.netty.buffer.ByteBuf;
import io.netty.channel.Channel;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInboundHandlerAdapter;
import io.netty.channel.socket.ChannelInputShutdownEvent;
import io.netty.handler.ssl.SslCloseCompletionEvent;
import io.netty.handler.timeout.IdleStateEvent;
import io.netty.util.ReferenceCountUtil;
import java.io.IOException;
import org.tlsuplift.proxy.model.Direction;
import org.tlsuplift.proxy.model.SessionObserver;

/**
 * One direction of a relay: writes to the peer, flushes at the end of a burst, and reads only while
 * the peer is writable.
 *
 * <p>The hot path: no allocation, no promise, no log, except while memory is scarce.
 */
final class RelayHandler extends ChannelInboundHandlerAdapter {
  private final Relay relay;
  private final RelaySide self;
  private final RelaySide peer;
  private final Channel peerChannel;
  private final SessionObserver observer;

  /** Acknowledges the device's segments; the handlers of both directions share it. */
  private final QuickAck ack;

  private long burst;

  /** Messages that were read while memory was scarce and are not in the peer's socket yet. */
  private int undelivered;

  RelayHandler(
      Relay relay, RelaySide self, RelaySide peer, SessionObserver observer, QuickAck ack) {
    this.relay = relay;
    this.self = self;
    this.peer = peer;
    this.peerChannel = peer.channel;
    this.observer = observer;
    this.ack = ack;
  }

  @Override
  public void channelRead(ChannelHandlerContext ctx, Object message) {
    int bytes = ((ByteBuf) message).readableBytes();
    if (peer.outputEnding) {
      ReferenceCountUtil.release(message);
      relay.discarded(self, bytes);
      return;
    }
    burst += bytes;
    if (relay.isMemoryScarce()) {
      deliverBeforeReading(ctx.channel(), message);
      return;
    }
    var unused = peerChannel.write(message, peerChannel.voidPromise());
    if (!peerChannel.isWritable()) {
      // The writability event comes only after all reads of this burst, which may be 1 MiB.
      ctx.channel().config().setAutoRead(false);
    }
  }

  /** Pauses reading until all bytes are in the peer's socket. */
  private void deliverBeforeReading(Channel channel, Object message) {
    undelivered++;
    channel.config().setAutoRead(false);
    peerChannel
        .write(message)
        .addListener(
            done -> {
              undelivered--;
              if (!done.isSuccess()) {
                notifyPeer(done.cause());
              } else if (undelivered == 0 && peerChannel.isWritable()) {
                channel.config().setAutoRead(true);
              }
            });
  }

  /**
   * Fires the failure of a write in the peer's pipeline, as a void promise would. An unregistered
   * channel has no handlers.
   */
  private void notifyPeer(Throwable cause) {
    if (peerChannel.isRegistered()) {
      peerChannel.pipeline().fireExceptionCaught(cause);
    }
  }

  @Override
  public void channelReadComplete(ChannelHandlerContext ctx) {
    long bytes = burst;
    burstEnded();
    if (self.direction == Direction.UP) {
      // Without bytes, this may be the end of the device's input.
      if (bytes > 0 || !(self.inputEnded || self.outputEnding)) {
        ack.received(bytes);
      }
    } else if (bytes > 0) {
      ack.sent();
    }
  }

  private void burstEnded() {
    if (burst > 0) {
      long bytes = burst;
      burst = 0;
      self.bytes += bytes;
      peerChannel.flush();
      observer.relayed(self.direction, bytes);
      relay.endIfAnswered(self, peer);
    }
  }

  @Override
  public void channelWritabilityChanged(ChannelHandlerContext ctx) {
    peerChannel.config().setAutoRead(ctx.channel().isWritable());
  }

  @Override
  public void userEventTriggered(ChannelHandlerContext ctx, Object event) {
    // The session may end with this event, before the read completes.
    burstEnded();
    if (event instanceof SslCloseCompletionEvent close) {
      // A failed completion follows a FIN, which has its own event.
      if (close.isSuccess() && self.isCloseNotifyReceived()) {
        relay.closeNotifyReceived(self, peer);
      }
    } else if (event == ChannelInputShutdownEvent.INSTANCE) {
      if (self.isReset()) {
        relay.broken(self, peer, new IOException("Connection reset by peer"));
      } else {
        relay.finReceived(self, peer);
      }
    } else if (event == InputDone.INSTANCE) {
      relay.inputDone(peer);
    } else if (event instanceof IdleStateEvent) {
      relay.idle();
    }
  }

  @Override
  public void channelInactive(ChannelHandlerContext ctx) {
    relay.broken(self, peer, null);
  }

  @Override
  public void exceptionCaught(ChannelHandlerContext ctx, Throwable cause) {
    if (cause instanceof OutOfMemoryError || cause.getCause() instanceof OutOfMemoryError) {
      relay.overloaded(
          new IOException(
              "the memory for buffers is used up; give the daemon more (-XX:MaxDirectMemorySize)",
              cause));
    } else {
      relay.broken(self, peer, cause);
    }
  }
}
