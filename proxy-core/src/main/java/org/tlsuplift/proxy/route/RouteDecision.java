package org.tlsuplift.proxy.route;

import org.jspecify.annotations.Nullable;
import org.tlsuplift.proxy.model.Action;
import org.tlsuplift.proxy.model.CloseReason;
import org.tlsuplift.proxy.model.HostPort;
import org.tlsuplift.proxy.tls.OriginProof;

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
   * @param serverName the name or address literal that the origin's certificate must carry, unless
   *     there is a proof; a name goes into the SNI
   * @param detail why, in one line for the operator
   * @param clientCertificate the name of what is presented if the origin asks, or null for nothing
   * @param proof what the certificate must prove instead, where nobody knows one name for the
   *     origin; else null
   */
  record Bridge(
      HostPort origin,
      String serverName,
      String detail,
      @Nullable String clientCertificate,
      @Nullable OriginProof proof)
      implements RouteDecision {
    /** A bridge to an origin whose certificate must carry the name. */
    public Bridge(
        HostPort origin, String serverName, String detail, @Nullable String clientCertificate) {
      this(origin, serverName, detail, clientCertificate, null);
    }

    /** The same to an origin that is asked for by another name, or none, and proves who it is. */
    Bridge proving(String name, OriginProof demanded) {
      return new Bridge(origin, name, detail, clientCertificate, demanded);
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
   * @param reason {@link CloseReason#NO_ROUTE}, {@link CloseReason#ROUTE_DENIED}, {@link
   *     CloseReason#LEGACY_TUNNEL_REFUSED}, {@link CloseReason#SERVER_NAME_MISMATCH} or {@link
   *     CloseReason#LOOP}
   * @param detail why, in one line for the operator
   */
  record Deny(CloseReason reason, String detail) implements RouteDecision {
    @Override
    public Action action() {
      return Action.DENY;
    }
  }
}
