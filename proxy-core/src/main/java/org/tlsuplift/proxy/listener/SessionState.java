package org.tlsuplift.proxy.listener;

import org.jspecify.annotations.Nullable;
import org.tlsuplift.proxy.mail.MailService;
import org.tlsuplift.proxy.relay.Relay;
import org.tlsuplift.proxy.session.HostPort;
import org.tlsuplift.proxy.session.MailProtocol;
import org.tlsuplift.proxy.upstream.MailOrigin;
import org.tlsuplift.proxy.upstream.OriginConnection;

/**
 * Where a session stands; each state holds what is known by then and no more.
 *
 * <pre>
 * {@link Negotiating} - [{@link Conversing}] - {@link InspectingHello} - {@link Connecting} - {@link Relaying} - {@link Closed}
 * </pre>
 *
 * Only devices of mail that wait for a greeting are conversed with; where that is allowed, one may
 * go on to {@link Connecting} without a ClientHello, and so does a request in plain HTTP. Every
 * state may go to {@link Closed}. What happens within {@link Connecting} is the matter of a {@link
 * BridgeOpening}, {@link SignInOpening}, {@link TunnelOpening}, {@link PlaintextOpening} or {@link
 * ForwardOpening}.
 */
sealed interface SessionState {
  /** The device has yet to say where it wants to go. */
  record Negotiating() implements SessionState {}

  /** The device speaks mail in plaintext, until it asks for TLS. */
  record Conversing(HostPort target, MailService mail, MailNegotiation negotiation)
      implements SessionState {}

  /**
   * The device has yet to show what it offers.
   *
   * @param mail what will be spoken under TLS, or null when that is not mail
   * @param origin already on its way, or null when it has yet to be dialled
   */
  record InspectingHello(HostPort target, @Nullable MailService mail, @Nullable MailOrigin origin)
      implements SessionState {}

  /**
   * The route is decided; both sides are being made ready.
   *
   * @param mail what is spoken by a device and an origin that we both understand, or null
   */
  record Connecting(Opening opening, @Nullable MailProtocol mail) implements SessionState {}

  /** Bytes flow. */
  record Relaying(Relay relay, OriginConnection origin) implements SessionState {}

  /** Over. */
  record Closed() implements SessionState {}
}
