package org.tlsuplift.proxy.accept;

import io.netty.channel.Channel;
import java.net.InetSocketAddress;
import java.util.function.Consumer;
import org.tlsuplift.proxy.context.Limits;
import org.tlsuplift.proxy.context.ListenerSpec;
import org.tlsuplift.proxy.context.NegotiationTimer;
import org.tlsuplift.proxy.model.CloseReason;
import org.tlsuplift.proxy.model.Explanation;
import org.tlsuplift.proxy.negotiate.ProxyHeader;
import org.tlsuplift.proxy.session.Session;

/**
 * A connection that waits for the PROXY header with its device's address.
 *
 * <p>Runs on the connection's event loop. The connection becomes a session, or is closed and
 * reported as a session.
 */
final class PendingConnection {
  private final SessionRegistry registry;
  private final ListenerSpec spec;
  private final Channel connection;
  private final InetSocketAddress sender;
  private final Consumer<Session> admitted;
  private final NegotiationTimer timer;
  private boolean over;

  PendingConnection(
      SessionRegistry registry,
      ListenerSpec spec,
      Limits limits,
      Channel connection,
      InetSocketAddress sender,
      Consumer<Session> admitted) {
    this.registry = registry;
    this.spec = spec;
    this.connection = connection;
    this.sender = sender;
    this.admitted = admitted;
    this.timer =
        new NegotiationTimer(
            connection.eventLoop(),
            limits.negotiationTimeout(),
            () ->
                close(
                    CloseReason.NEGOTIATION_TIMEOUT,
                    Explanation.of(
                        "the PROXY header was not complete in time",
                        "make the load balancer send one, or remove 'proxyProtocol' here")));
    timer.start();
  }

  /**
   * The header has arrived.
   *
   * @return whether the device was admitted to a session
   */
  boolean onHeader(ProxyHeader header) {
    if (over) {
      return false;
    }
    end();
    Session session =
        header.device() == null
            ? registry.admit(connection, spec)
            : registry.admit(connection, spec, header.device(), header.destination());
    if (session != null) {
      admitted.accept(session);
    }
    return session != null;
  }

  /** Closes a connection whose device stays unknown. */
  void close(CloseReason reason, Explanation why) {
    if (!over) {
      end();
      registry.reject(connection, spec, sender, reason, why);
    }
  }

  private void end() {
    over = true;
    timer.stop();
    registry.leave(connection);
  }
}
