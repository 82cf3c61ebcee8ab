package org.tlsuplift.proxy.model;

/** Why a session ended: metric tag, log field and inventory value in one closed list. */
public enum CloseReason implements Labelled {
  /** The device ended the session normally. */
  DEVICE_CLOSED,
  /**
   * The device completed the handshake and left without sending anything. So do devices that check
   * the certificate only then, and do not trust it.
   */
  DEVICE_CLOSED_UNUSED,
  /** The origin ended the session normally. */
  ORIGIN_CLOSED,
  DEVICE_RESET,
  ORIGIN_RESET,
  /** No bytes moved for longer than the idle timeout. */
  IDLE_TIMEOUT,
  /** The daemon drains and the deadline has passed. */
  SHUTDOWN,

  /** The device's address is in no admitted subnet. */
  DEVICE_NOT_ADMITTED,
  /** The limit of sessions, or of open files, is reached. */
  SESSION_LIMIT,
  /** The limit of sessions for one device is reached. */
  DEVICE_SESSION_LIMIT,
  /** A device began TLS handshakes faster than is allowed. */
  DEVICE_HANDSHAKE_LIMIT,
  /** The memory for buffers is used up by slow peers. */
  OVERLOADED,

  /** A PROXY header is missing, malformed, or from an address that may not send one. */
  PROXY_HEADER_REFUSED,
  /** The device connected to a port for redirected devices by itself. */
  NOT_REDIRECTED,
  /** The device named no target in time, or sent no ClientHello in time. */
  NEGOTIATION_TIMEOUT,
  /** What the device sent before TLS was not understood or not allowed. */
  NEGOTIATION_REFUSED,
  /** Plaintext followed STARTTLS (the class of CVE-2011-0411). */
  PLAINTEXT_AFTER_STARTTLS,
  /** The bytes instead of a ClientHello, or after it in a tunnel, are not TLS. */
  NOT_TLS,
  MALFORMED_HELLO,
  NO_ROUTE,
  ROUTE_DENIED,
  /** The destination is this proxy. */
  LOOP,
  /** The route tunnels, but the device offers only what must not leave the building. */
  LEGACY_TUNNEL_REFUSED,
  /**
   * The device's ClientHello names another host (SNI) than its target, so the certificate would not
   * be for the origin.
   */
  SERVER_NAME_MISMATCH,
  /** No certificate could be made for the name that the device asks for. */
  CERTIFICATE_UNAVAILABLE,
  /** The handshake with the device failed; see the handshake outcome. */
  DEVICE_HANDSHAKE_FAILED,

  /** The upstream proxy could not be found or connected to, or is silent. */
  VIA_UNREACHABLE,
  /** The upstream proxy gives no connection; the detail has its response. */
  VIA_REFUSED,
  /** The origin's name could not be resolved. */
  ORIGIN_UNRESOLVED,
  /**
   * The origin's name leads inside, to this machine, its link or a private network, and no route
   * names it: it only matches a wildcard or a list.
   */
  ORIGIN_ADDRESS_REFUSED,
  /** No address of the origin accepted a connection. */
  ORIGIN_UNREACHABLE,
  /** The origin's certificate is expired, of an unknown issuer, weak, or for another name. */
  ORIGIN_CERTIFICATE_INVALID,
  /** The origin's certificate was revoked by its issuer. */
  ORIGIN_CERTIFICATE_REVOKED,
  /**
   * It is unknown whether the origin's certificate was revoked, and it must be known: the stapled
   * response is invalid, or a required response is missing.
   */
  ORIGIN_REVOCATION_UNKNOWN,
  /** The origin agrees to nothing that is allowed upstream: TLS 1.2 and later, strong suites. */
  ORIGIN_BELOW_FLOOR,
  /** The handshake with the origin failed for another cause. */
  ORIGIN_HANDSHAKE_FAILED,

  /** The device could not be signed in; see the sign-in's outcome. */
  SIGN_IN_FAILED,
  /**
   * The device broke the TLS protocol after the handshake, or sent mail with two readings (the
   * class of CVE-2023-51764).
   */
  DEVICE_PROTOCOL_ERROR,

  /** The origin offers no STARTTLS, or refused it. */
  ORIGIN_STARTTLS_UNAVAILABLE,
  /** The mail origin refused the connection in its greeting or soon after. */
  ORIGIN_REFUSED,
  /**
   * The reply of a mail or plain HTTP origin was not understood, too long, or too late; or the
   * origin broke the TLS protocol after the handshake, or left it in a tunnel.
   */
  ORIGIN_PROTOCOL_ERROR,
  /** A fault of this program. */
  INTERNAL_ERROR;
}
