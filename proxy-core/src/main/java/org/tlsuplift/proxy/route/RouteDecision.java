package org.tlsuplift.proxy.route;

import org.jspecify.annotations.Nullable;
import org.tlsuplift.proxy.model.Action;
import org.tlsuplift.proxy.model.Explanation;
import org.tlsuplift.proxy.model.HostPort;
import org.tlsuplift.proxy.outcome.CloseReason;
import org.tlsuplift.proxy.tls.OriginProof;

/** The decision about one session. */
public sealed interface RouteDecision {
  Action action();

  /** The reason, in one line for the operator. */
  String detail();

  /**
   * Terminate and originate TLS.
   *
   * @param serverName the name or address literal that the origin's certificate must include,
   *     unless there is a proof; a name is sent as SNI
   * @param clientCertificate the name of the client certificate, or null for none
   * @param proof replaces the check of {@code serverName} if no single name of the origin is known;
   *     otherwise null
   */
  record Bridge(
      HostPort origin,
      String serverName,
      String detail,
      @Nullable String clientCertificate,
      @Nullable OriginProof proof)
      implements RouteDecision {
    /** A bridge to an origin whose certificate must include {@code serverName}. */
    public Bridge(
        HostPort origin, String serverName, String detail, @Nullable String clientCertificate) {
      this(origin, serverName, detail, clientCertificate, null);
    }

    /** This bridge with another name and a proof. */
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
   * @param serverName the name or address literal of the origin, for the log
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
   */
  record Deny(CloseReason reason, Explanation why) implements RouteDecision {
    @Override
    public String detail() {
      return why.text();
    }

    @Override
    public Action action() {
      return Action.DENY;
    }
  }
}
