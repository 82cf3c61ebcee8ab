package org.tlsuplift.proxy.accept;

import io.netty.channel.ChannelHandler;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInboundHandlerAdapter;
import io.netty.util.ReferenceCountUtil;
import java.io.IOException;
import java.util.function.Consumer;
import org.tlsuplift.proxy.context.NegotiationTimer;
import org.tlsuplift.proxy.model.Explanation;
import org.tlsuplift.proxy.negotiate.NegotiationRefused;
import org.tlsuplift.proxy.negotiate.ProxyHeader;
import org.tlsuplift.proxy.outcome.CloseReason;
import org.tlsuplift.proxy.session.Session;

/**
 * A connection that waits for the PROXY header with its device's address.
 *
 * <p>Runs on the connection's event loop. The connection becomes a session, or is closed and
 * reported as a session.
 */
final class PendingConnection {
  private final SessionRegistry registry;
  private final AcceptedConnection connection;
  private final Consumer<Session> admitted;
  private final NegotiationTimer timer;
  private boolean over;

  PendingConnection(
      SessionRegistry registry, AcceptedConnection connection, Consumer<Session> admitted) {
    this.registry = registry;
    this.connection = connection;
    this.admitted = admitted;
    this.timer =
        new NegotiationTimer(
            connection.channel().eventLoop(),
            connection.services().limits().negotiationTimeout(),
            () ->
                close(
                    CloseReason.NEGOTIATION_TIMEOUT,
                    Explanation.of(
                        "the PROXY header was not complete in time",
                        "make the load balancer send one, or remove 'proxyProtocol' here")));
  }

  /**
   * The handler after those that read the header. The time for the header begins when it is added.
   */
  ChannelHandler events() {
    return new Events();
  }

  private final class Events extends ChannelInboundHandlerAdapter {
    @Override
    public void handlerAdded(ChannelHandlerContext ctx) {
      timer.start();
    }

    @Override
    public void userEventTriggered(ChannelHandlerContext ctx, Object event) {
      if (event instanceof ProxyHeader header) {
        if (onHeader(header)) {
          // The handlers of the session have been added only now and need this event.
          ctx.fireChannelActive();
          ctx.pipeline().remove(this);
        }
      } else if (event instanceof NegotiationRefused refused) {
        close(refused.reason(), refused.why());
      }
    }

    @Override
    public void channelRead(ChannelHandlerContext ctx, Object message) {
      // Only bytes that are read after the refusal reach this handler.
      ReferenceCountUtil.release(message);
    }

    @Override
    public void channelInactive(ChannelHandlerContext ctx) {
      // Health checks of load balancers connect and close without a header.
      close(CloseReason.DEVICE_CLOSED, Explanation.of("before its PROXY header"));
    }

    @Override
    public void exceptionCaught(ChannelHandlerContext ctx, Throwable cause) {
      close(
          cause instanceof IOException ? CloseReason.DEVICE_RESET : CloseReason.INTERNAL_ERROR,
          Explanation.of(String.valueOf(cause)));
    }
  }

  /**
   * The header has arrived.
   *
   * @return whether the device was admitted to a session
   */
  private boolean onHeader(ProxyHeader header) {
    if (over) {
      return false;
    }
    end();
    Session session =
        header.device() == null
            ? registry.admit(connection)
            : registry.admit(connection, header.device(), header.destination());
    if (session != null) {
      admitted.accept(session);
    }
    return session != null;
  }

  /** Closes a connection whose device stays unknown. */
  void close(CloseReason reason, Explanation why) {
    if (!over) {
      end();
      registry.reject(connection, connection.peer(), reason, why);
    }
  }

  private void end() {
    over = true;
    timer.stop();
    registry.leave(connection.channel());
  }
}
