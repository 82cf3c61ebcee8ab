package org.tlsuplift.proxy.model;

/** Why a session ended: one closed list for the metric label, log field and inventory value. */
public enum CloseReason implements Labelled {
  /** The device ended the session normally. */
  DEVICE_CLOSED,
  /**
   * The device completed the handshake and closed without sending data. Devices that check the
   * certificate only after the handshake, and do not trust it, also end like this.
   */
  DEVICE_CLOSED_UNUSED,
  /** The origin ended the session normally. */
  ORIGIN_CLOSED,
  DEVICE_RESET,
  ORIGIN_RESET,
  /** No bytes moved for longer than the idle timeout. */
  IDLE_TIMEOUT,
  /** The daemon is draining and the deadline has passed. */
  SHUTDOWN,

  /** The device's address is outside the admitted subnets. */
  DEVICE_NOT_ADMITTED,
  /** The limit of sessions or of open files is reached. */
  SESSION_LIMIT,
  /** The limit of sessions for one device is reached. */
  DEVICE_SESSION_LIMIT,
  /** The device starts TLS handshakes faster than its limit allows. */
  DEVICE_HANDSHAKE_LIMIT,
  /** Slow peers have used up the buffer memory. */
  OVERLOADED,

  /** A PROXY header is missing, malformed, or from an address that may not send one. */
  PROXY_HEADER_REFUSED,
  /** The device connected directly to a port for redirected devices. */
  NOT_REDIRECTED,
  /** The device did not send a target or a ClientHello in time. */
  NEGOTIATION_TIMEOUT,
  /** The device's bytes before TLS were not understood or not allowed. */
  NEGOTIATION_REFUSED,
  /** Plaintext followed STARTTLS (the class of CVE-2011-0411). */
  PLAINTEXT_AFTER_STARTTLS,
  /** The device sent bytes that are not TLS, in place of a ClientHello or after it in a tunnel. */
  NOT_TLS,
  MALFORMED_HELLO,
  NO_ROUTE,
  ROUTE_DENIED,
  /** The destination is this proxy. */
  LOOP,
  /** The route only tunnels, but this session needs a bridge, such as for a legacy version. */
  LEGACY_TUNNEL_REFUSED,
  /**
   * The device's ClientHello names another host (SNI) than its target, so the certificate would not
   * belong to the origin.
   */
  SERVER_NAME_MISMATCH,
  /** No certificate could be made for the name that the device requests. */
  CERTIFICATE_UNAVAILABLE,
  /** The handshake with the device failed; see the handshake outcome. */
  DEVICE_HANDSHAKE_FAILED,

  /** The upstream proxy could not be resolved or connected to, or did not respond in time. */
  VIA_UNREACHABLE,
  /** The upstream proxy refused the connection; the detail has its response. */
  VIA_REFUSED,
  /** The origin's name could not be resolved. */
  ORIGIN_UNRESOLVED,
  /**
   * The origin's name resolves to this machine, its link or a private network. No route lists that
   * name itself: only a wildcard or an endpoint list matches it.
   */
  ORIGIN_ADDRESS_REFUSED,
  /** No address of the origin accepted a connection. */
  ORIGIN_UNREACHABLE,
  /** The origin's certificate has expired, has an unknown issuer, is weak, or has another name. */
  ORIGIN_CERTIFICATE_INVALID,
  /** The issuer has revoked the origin's certificate. */
  ORIGIN_CERTIFICATE_REVOKED,
  /**
   * The revocation status of the origin's certificate is required but unknown: the stapled response
   * is invalid, or a required response is missing.
   */
  ORIGIN_REVOCATION_UNKNOWN,
  /** The origin does not agree to TLS 1.2 or later with a strong cipher suite. */
  ORIGIN_BELOW_FLOOR,
  /** The handshake with the origin failed for another reason. */
  ORIGIN_HANDSHAKE_FAILED,

  /** The device could not be signed in; see the sign-in's outcome. */
  SIGN_IN_FAILED,
  /**
   * The device broke the TLS protocol after the handshake, or sent ambiguous mail data (SMTP
   * smuggling, the class of CVE-2023-51764).
   */
  DEVICE_PROTOCOL_ERROR,

  /** The origin does not offer STARTTLS, or refused it. */
  ORIGIN_STARTTLS_UNAVAILABLE,
  /** The mail origin refused the connection in its greeting or soon after. */
  ORIGIN_REFUSED,
  /**
   * A reply of a mail or plain HTTP origin was invalid, too long or too late. Or the origin broke
   * the TLS protocol after the handshake, or sent other bytes than TLS in a tunnel.
   */
  ORIGIN_PROTOCOL_ERROR,
  /** A bug in this program. */
  INTERNAL_ERROR;
}
