package org.tlsuplift.proxy.model;

import org.tlsuplift.proxy.outcome.MessageRefusal;
import org.tlsuplift.proxy.outcome.OriginReply;

/**
 * Observes one session.
 *
 * <p>All calls come from the session's event loop, in this order: {@link #negotiated}, {@link
 * #introduced} any number of times, {@link #helloReceived} or {@link #plaintextAccepted}, {@link
 * #decided}, the two handshakes in either order, {@link #relayed} any number of times, and always
 * exactly one {@link #closed}. {@link #originReplied}, {@link #introduced} and a mail origin's
 * handshake may come at any time in between; {@link #signedIn} at any time before the relay, and
 * {@link #messageRefused} and {@link #messageEnded} at any time during it. Steps that a session
 * does not reach are not reported. Implementations are fast, never throw, never block and never
 * call back into the session.
 */
public interface SessionObserver {
  /**
   * The target is known. For a redirected device there is a second call after the ClientHello:
   * first with the address, then with the name.
   */
  default void negotiated(HostPort target) {}

  /**
   * A mail device sent HELO or EHLO: before TLS, or in the first line of the relay if the session
   * started with TLS.
   *
   * @param name the name that the device claims: any printable ASCII, 1 to 255 characters
   */
  default void introduced(String name) {}

  default void helloReceived(ClientHello hello) {}

  /** A mail device continues without TLS, as its listener allows. */
  default void plaintextAccepted(MailProtocol protocol) {}

  default void decided(Action action) {}

  /** The handshake with the device ended. Bridged sessions only. */
  default void deviceHandshake(DeviceHandshake handshake) {}

  /** The handshake with the origin ended. Bridged sessions only. */
  default void originHandshake(OriginHandshake handshake) {}

  /** A ServerHello in a tunnel showed which parameters device and origin agreed on. */
  default void tunnelAgreed(TlsParameters agreed) {}

  /** A mail origin sent a known refusal; reported at most once per refusal and session. */
  default void originReplied(MailProtocol protocol, OriginReply reply) {}

  /** A mail origin refused the sign-in of the device by a reply that is not a known one. */
  default void deviceSignInRefused() {}

  /** The origin accepted the sign-in of the device to its mailbox, by IMAP or POP3. */
  default void deviceSignInAccepted() {}

  /** A sign-in by the proxy ended; a session may have several. */
  default void signedIn(DeviceSignIn attempt) {}

  /** This proxy refused a message, or a recipient of one. */
  default void messageRefused(MessageRefusal refusal) {}

  /**
   * A message ended: the origin has replied to it, or it was refused or given up. Once for each
   * MAIL of a bridged SMTP session, in the order of the ends, and before {@link #closed}.
   */
  default void messageEnded(MailMessage message) {}

  /**
   * Payload was relayed. Called on the hot path, once for each burst of reads.
   *
   * @param bytes more than 0
   */
  default void relayed(Direction direction, long bytes) {}

  /** Whether {@link #relayed} is to be called. Asked once, so that the hot path calls no others. */
  default boolean observesRelay() {
    return false;
  }

  default void closed(SessionSummary summary) {}
}
