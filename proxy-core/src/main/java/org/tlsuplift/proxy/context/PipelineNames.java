package org.tlsuplift.proxy.context;

/**
 * The names of the handlers towards a device.
 *
 * <pre>
 * PROXY header:  [proxy-prefix, proxy-decoder, proxy-header, PENDING]
 * negotiation:   [http-first-byte, http-decoder, http-encoder, http, then http-connect | http-forward
 *                 | fixed | redirected
 *                 | socks-version, then socks-decoder, socks-encoder, socks5 | socks4], HELLO, EVENTS
 * mail:          MAIL, HELLO, EVENTS        until the device asks for TLS
 * ClientHello:   HELLO, EVENTS
 * bridge:        TAP, TLS, HOLD, EVENTS     while the two handshakes run
 * sign-in:       [[TLS_WATCH,] TLS,] SIGN_IN, HOLD, EVENTS until the device and we have signed in
 * signed in:     [[TLS_WATCH,] TLS,] [GUARD,] IDLE, relay
 * tunnel:        HOLD, EVENTS               while the origin is dialled; plaintext likewise
 * tunnelling:    RECORDS, [SECOND_HELLO,] IDLE, relay
 * plain HTTP:    http-encoder, HOLD, EVENTS until the origin answers
 * relaying:      [[TLS_WATCH,] TLS,] IDLE, relay
 * </pre>
 */
public final class PipelineNames {
  /** Waits for the PROXY header that tells which device connects. */
  public static final String PENDING = "pending-connection";

  /** Talks with a device of mail before TLS. */
  public static final String MAIL = "mail-conversation";

  /** Talks with a device of mail that signs in to us. */
  public static final String SIGN_IN = "sign-in";

  /** Watches over what a signed-in device sends by SMTP. */
  public static final String GUARD = "smtp-guard";

  /** Reads the ClientHello and keeps its bytes. */
  public static final String HELLO = "client-hello";

  /** Notes alerts in the clear. */
  public static final String TAP = "alert-tap";

  /** Tells what the TLS handler finds, once its handshake is complete. */
  public static final String TLS_WATCH = "tls-watch";

  /** TLS towards the device. */
  public static final String TLS = "tls";

  /** Lets only TLS records through a tunnel. */
  public static final String RECORDS = "tls-records";

  /** Compares a second hello in a tunnel with the first. */
  public static final String SECOND_HELLO = "second-hello";

  /** Keeps what the device says before the origin is ready. */
  public static final String HOLD = "hold";

  /** Tells the session what happens. */
  public static final String EVENTS = "session";

  /** Ends what no longer moves. */
  public static final String IDLE = "idle";

  /** Looks for who a device of mail says it is. */
  public static final String INTRODUCTION = "introduction-watch";

  private PipelineNames() {}
}
