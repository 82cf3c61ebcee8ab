package org.tlsuplift.proxy.route;

import org.jspecify.annotations.Nullable;
import org.tlsuplift.proxy.session.Action;
import org.tlsuplift.proxy.session.CloseReason;
import org.tlsuplift.proxy.session.HostPort;

/** What becomes of one session. */
public sealed interface RouteDecision {
  /** The value for metrics and observers. */
  Action action();

  /** Why, in one line for the operator. */
  String detail();

  /**
   * Terminate here and originate anew.
   *
   * @param origin where to connect
   * @param serverName the name or address literal that the origin's certificate must carry; a name
   *     goes into the SNI
   * @param detail why, in one line for the operator
   * @param clientCertificate the name of what is presented if the origin asks, or null for nothing
   */
  record Bridge(
      HostPort origin, String serverName, String detail, @Nullable String clientCertificate)
      implements RouteDecision {
    /** A bridge that presents nothing. */
    public Bridge(HostPort origin, String serverName, String detail) {
      this(origin, serverName, detail, null);
    }

    @Override
    public Action action() {
      return Action.BRIDGE;
    }
  }

  /**
   * Pass through byte for byte.
   *
   * @param origin where to connect
   * @param serverName the name or address literal by which the origin is known, for the log
   * @param detail why, in one line for the operator
   */
  record Tunnel(HostPort origin, String serverName, String detail) implements RouteDecision {
    @Override
    public Action action() {
      return Action.TUNNEL;
    }
  }

  /**
   * Refuse; nothing is dialled.
   *
   * @param reason {@link CloseReason#NO_ROUTE}, {@link CloseReason#ROUTE_DENIED} or {@link
   *     CloseReason#LEGACY_TUNNEL_REFUSED}
   * @param detail why, in one line for the operator
   */
  record Deny(CloseReason reason, String detail) implements RouteDecision {
    @Override
    public Action action() {
      return Action.DENY;
    }
  }
}
