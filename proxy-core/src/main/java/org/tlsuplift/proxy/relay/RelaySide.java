package org.tlsuplift.proxy.relay;

import io.netty.channel.Channel;
import io.netty.channel.unix.Socket;
import io.netty.channel.unix.UnixChannel;
import io.netty.handler.ssl.SslHandler;
import org.jspecify.annotations.Nullable;
import org.tlsuplift.proxy.model.CloseReason;
import org.tlsuplift.proxy.model.Direction;

/** One channel of a relay, and how far each of its directions has come to its end. */
final class RelaySide {
  final Channel channel;
  final @Nullable SslHandler tls;

  /** The direction of what this side sends us. */
  final Direction direction;

  final CloseReason closed;
  final CloseReason reset;

  /** This side will send no more. */
  boolean inputEnded;

  /** We have begun to tell this side that no more will come. */
  boolean outputEnding;

  /** This side has been told that no more will come. */
  boolean outputEnded;

  long bytes;

  /** Whether nothing can be sent under TLS any more. */
  boolean isTlsOutputDone() {
    return tls == null || tls.engine().isOutboundDone();
  }

  /**
   * Whether a {@link io.netty.handler.ssl.SslCloseCompletionEvent} tells of a close_notify: once
   * ours is sent, Netty fires one for each record that comes.
   */
  boolean isCloseNotifyReceived() {
    return tls == null || tls.engine().isInboundDone() || !tls.engine().isOutboundDone();
  }

  RelaySide(Channel channel, Direction direction, CloseReason closed, CloseReason reset) {
    this.channel = channel;
    this.tls = channel.pipeline().get(SslHandler.class);
    this.direction = direction;
    this.closed = closed;
    this.reset = reset;
  }

  /**
   * Whether what looks like the end of the input is a reset. The kernel reports a reset once, to
   * whichever of read and write comes first; the other one sees an end. Then the socket has no peer
   * any more, although we have not ended our direction. Java's own sockets report it to both.
   */
  boolean isReset() {
    return !outputEnding
        && channel instanceof UnixChannel unix
        && unix.fd() instanceof Socket socket
        && socket.isOpen()
        && socket.remoteAddress() == null;
  }
}
