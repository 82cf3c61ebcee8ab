package org.tlsuplift.proxy.listener;

import org.tlsuplift.proxy.relay.Relay;
import org.tlsuplift.proxy.session.HostPort;
import org.tlsuplift.proxy.upstream.OriginConnection;

/**
 * Where a session stands; each state holds what is known by then and no more.
 *
 * <pre>
 * {@link Negotiating} - {@link InspectingHello} - {@link Connecting} - {@link Relaying} - {@link Closed}
 * </pre>
 *
 * Every state may go to {@link Closed}. What happens within {@link Connecting} is the matter of a
 * {@link BridgeOpening} or a {@link TunnelOpening}.
 */
sealed interface SessionState {
  /** The device has yet to say where it wants to go. */
  record Negotiating() implements SessionState {}

  /** The device has yet to show what it offers. */
  record InspectingHello(HostPort target) implements SessionState {}

  /** The route is decided; both sides are being made ready. */
  record Connecting(Opening opening) implements SessionState {}

  /** Bytes flow. */
  record Relaying(Relay relay, OriginConnection origin) implements SessionState {}

  /** Over. */
  record Closed() implements SessionState {}
}
