package org.tlsuplift.proxy.context;

/**
 * The names of the handlers in a device's pipeline. Brackets mark optional handlers.
 *
 * <pre>
 * PROXY header:  [proxy-prefix, proxy-decoder, proxy-header, PENDING]
 * negotiation:   [http-first-byte, http-decoder, http-encoder, http, then http-connect | http-forward
 *                 | fixed | redirected
 *                 | socks-version, then socks-decoder, socks-encoder, socks5 | socks4], HELLO, EVENTS
 * mail:          MAIL, HELLO, EVENTS        until the device requests TLS
 * ClientHello:   HELLO, EVENTS
 * bridge:        TAP, ACK, TLS, HOLD, EVENTS during the two handshakes
 * sign-in:       [[TLS_WATCH,] TLS,] SIGN_IN, HOLD, EVENTS until the origin accepts the sign-in
 * bridged mail:  [[TLS_WATCH,] TLS,] [GUARD | MAILBOX,] IDLE, relay
 * tunnel:        HOLD, EVENTS               while the origin is dialled; plaintext mail too
 * tunnelling:    RECORDS, [SECOND_HELLO,] IDLE, relay
 * plain HTTP:    http-encoder, HOLD, EVENTS until the origin responds
 * forwarding:    RESPONSE, IDLE, relay
 * relaying:      [[TLS_WATCH,] TLS,] IDLE, relay
 * </pre>
 */
public final class PipelineNames {
  /** Waits for the PROXY header with the device's address. */
  public static final String PENDING = "pending-connection";

  /** Runs the dialogue with a mail device before TLS. */
  public static final String MAIL = "mail-conversation";

  /** Runs the dialogue with a mail device that signs in to the proxy. */
  public static final String SIGN_IN = "sign-in";

  /** Checks the SMTP commands of a device, and where its messages end. */
  public static final String GUARD = "smtp-guard";

  /** Finds the sign-in of a device to its mailbox by IMAP or POP3; removes itself after it. */
  public static final String MAILBOX = "mailbox-sign-in";

  /** Reads the ClientHello and holds its bytes. */
  public static final String HELLO = "client-hello";

  /** Records unencrypted alerts. */
  public static final String TAP = "alert-tap";

  /** Has the parts of handshake messages acknowledged at once. */
  public static final String ACK = "quick-ack";

  /** Reports the events of the TLS handler after its handshake. */
  public static final String TLS_WATCH = "tls-watch";

  public static final String TLS = "tls";

  /** Passes only TLS records through a tunnel. */
  public static final String RECORDS = "tls-records";

  /** Compares a second ClientHello in a tunnel with the first. */
  public static final String SECOND_HELLO = "second-hello";

  /** Holds the input of the device until the origin is ready. */
  public static final String HOLD = "hold";

  /** Follows a plain HTTP response to its end. */
  public static final String RESPONSE = "response-end";

  /** Passes events to the session. */
  public static final String EVENTS = "session";

  /** Ends an idle relay. */
  public static final String IDLE = "idle";

  private PipelineNames() {}
}
