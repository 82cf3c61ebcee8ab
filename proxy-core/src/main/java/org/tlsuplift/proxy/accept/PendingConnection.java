package org.tlsuplift.proxy.accept;

import java.util.function.Consumer;
import org.tlsuplift.proxy.context.NegotiationTimer;
import org.tlsuplift.proxy.model.Explanation;
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
