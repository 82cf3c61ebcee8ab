package org.tlsuplift.proxy.relay;

import io.netty.channel.Channel;
import io.netty.channel.ChannelOption;
import io.netty.channel.unix.Socket;
import io.netty.channel.unix.UnixChannel;
import io.netty.handler.ssl.SslHandler;
import java.io.IOException;
import java.nio.channels.NotYetConnectedException;
import org.jspecify.annotations.Nullable;
import org.tlsuplift.proxy.model.Direction;
import org.tlsuplift.proxy.outcome.CloseReason;

/** One channel of a relay, and which of its directions have ended. */
final class RelaySide {
  final Channel channel;
  final @Nullable SslHandler tls;

  /** The end of the plain HTTP response to this side, or null for other traffic. */
  final @Nullable ResponseEnd response;

  /** The direction of the bytes that this side sends. */
  final Direction direction;

  final CloseReason closed;
  final CloseReason reset;

  /** This side sends nothing more. */
  boolean inputEnded;

  /** The end of the output to this side has been written. */
  boolean outputEnding;

  /** The output to this side has ended. */
  boolean outputEnded;

  long bytes;

  /** Whether TLS can no longer send. */
  boolean isTlsOutputDone() {
    return tls == null || tls.engine().isOutboundDone();
  }

  /**
   * Whether a {@link io.netty.handler.ssl.SslCloseCompletionEvent} stands for a close_notify of
   * this side. After our own close_notify, Netty fires the event for each record that arrives.
   *
   * <p>To report: "After closeOutbound, SslHandler fires SslCloseCompletionEvent.SUCCESS for any
   * record, although the peer has sent no close_notify." Delete when it does not.
   */
  boolean isCloseNotifyReceived() {
    return tls == null || tls.engine().isInboundDone() || !tls.engine().isOutboundDone();
  }

  RelaySide(Channel channel, Direction direction, CloseReason closed, CloseReason reset) {
    this.channel = channel;
    this.tls = channel.pipeline().get(SslHandler.class);
    this.response = channel.pipeline().get(ResponseEnd.class);
    this.direction = direction;
    this.closed = closed;
    this.reset = reset;
  }

  /**
   * Sends a FIN after all earlier writes; none may follow. Returns false if only {@link
   * io.netty.channel.socket.DuplexChannel#shutdownOutput} can do it.
   *
   * <p>That method creates an exception with a stack trace for each connection, for writes that may
   * follow. Upstream: netty pull request 10523, "Create a stackless ClosedChannelException to
   * reduce overhead when the Channel is closed". To report: "AbstractChannel.shutdownOutput has the
   * same overhead." Delete this method when Netty creates the exception only for such a write.
   */
  boolean sendFin() {
    if (channel instanceof HalfClosable local) {
      local.outputEnded();
      return true;
    }
    try {
      if (channel instanceof UnixChannel unix && unix.fd() instanceof Socket socket) {
        socket.shutdown(false, true);
        return true;
      }
    } catch (IOException | NotYetConnectedException gone) {
      // The peer has reset the connection.
    }
    return false;
  }

  /**
   * The output to this side has ended, so the end of its input closes the channel. Otherwise Netty
   * would shut down the input of a connection that may no longer exist, which fails with an
   * exception.
   *
   * <p>To report: "With ALLOW_HALF_CLOSURE, the native transports call shutdown(SHUT_RD) at the end
   * of the input also if the output has ended, which fails with ENOTCONN." Delete when they close
   * such a channel.
   */
  void closeAtEnd() {
    channel.config().setOption(ChannelOption.ALLOW_HALF_CLOSURE, false);
  }

  /** Whether the response to this side lacks something, now that nothing follows. */
  boolean isCut() {
    return response != null && !response.isComplete();
  }

  /**
   * Whether an end of the input is in fact a reset. The kernel reports a reset only once, to the
   * first read or write; the other one sees an end. The socket then no longer has a peer, although
   * our direction has not ended. Sockets of Java NIO report the reset to both.
   */
  boolean isReset() {
    return !outputEnding
        && channel instanceof UnixChannel unix
        && unix.fd() instanceof Socket socket
        && socket.isOpen()
        && socket.remoteAddress() == null;
  }
}
