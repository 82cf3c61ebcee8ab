package org.tlsuplift.proxy.model;

/**
 * Is told about one session while it happens.
 *
 * <p>All calls come from the session's event loop, in this order: {@link #negotiated}, {@link
 * #introduced} any number of times, {@link #helloReceived} or {@link #plaintextAccepted}, {@link
 * #decided}, then the two handshakes in either order, {@link #relayed} any number of times, and
 * exactly one {@link #closed} at the end whatever came before; {@link #originReplied}, {@link
 * #introduced} and a mail origin's handshake may come at any time in between, and so may {@link
 * #signedIn}, until the relay. Steps that a session does not reach are not reported.
 * Implementations are fast, never throw, never block and never call back into the session.
 */
public interface SessionObserver {
  /**
   * The device said where it wants to go. Told once more, after the hello, of a device that was
   * redirected: first its address is known, then the name.
   */
  default void negotiated(HostPort target) {}

  /**
   * A device of mail said who it is, by HELO or EHLO: before TLS, or where it began with TLS, in
   * the first line of what is relayed.
   *
   * @param name as the device claims: any printable ASCII, 1 to 255 characters
   */
  default void introduced(String name) {}

  default void helloReceived(ClientHello hello) {}

  /** A device of mail goes on without TLS, as its listener allows. */
  default void plaintextAccepted(MailProtocol protocol) {}

  default void decided(Action action) {}

  /** The handshake with the device ended. Bridged sessions only. */
  default void deviceHandshake(DeviceHandshake handshake) {}

  /** The handshake with the origin ended. Bridged sessions only. */
  default void originHandshake(OriginHandshake handshake) {}

  /** Device and origin agreed in a tunnel, as its ServerHello shows. */
  default void tunnelAgreed(TlsParameters agreed) {}

  /** A mail origin gave one of the known refusals; each at most once in a session. */
  default void originReplied(MailProtocol protocol, OriginReply reply) {}

  /** A device's wish to be signed in has been granted or not; a session may have several. */
  default void signedIn(DeviceSignIn attempt) {}

  /**
   * A message of a device that is signed in was refused by this proxy, before the origin saw it.
   */
  default void messageRefused(MessageRefusal refusal) {}

  /**
   * Payload was passed on: called on the hot path, once for each burst of reads.
   *
   * @param bytes more than 0
   */
  default void relayed(Direction direction, long bytes) {}

  default void closed(SessionSummary summary) {}
}
