package org.tlsuplift.proxy.model;

/** Why a session ended: one closed list for the metric label, log field and inventory value. */
public enum CloseReason implements Labelled {
  /** The device ended the session normally. */
  DEVICE_CLOSED(""),
  /**
   * The device completed the handshake and closed without sending data. Devices that check the
   * certificate only after the handshake, and do not trust it, also end like this.
   */
  DEVICE_CLOSED_UNUSED("if it reports an error, install the CA on it: 'tls-uplift ca export'"),
  /** The origin ended the session normally. */
  ORIGIN_CLOSED(""),
  DEVICE_RESET("no action, unless the device reports an error"),
  ORIGIN_RESET("no action; if it repeats, look for a firewall that ends connections"),
  /** No bytes moved for longer than the idle timeout. */
  IDLE_TIMEOUT("raise limits.idleTimeout if the device needs longer pauses"),
  /** The daemon is draining and the deadline has passed. */
  SHUTDOWN(""),

  /** The device's address is outside the admitted subnets. */
  DEVICE_NOT_ADMITTED(
      "add its subnet to devices.allow, and to 'devices' of the listener if that is set"),
  /**
   * The device's subnet, account or SOCKS user was removed or changed while the session was open,
   * so the session ended.
   */
  ACCESS_REVOKED("if that was a mistake, add the subnet or the account of the device again"),
  /** The limit of sessions or of open files is reached. */
  SESSION_LIMIT(
      "raise limits.maxSessions and the limit of open files, or find the device that opens many"),
  /** The limit of sessions for one device is reached. */
  DEVICE_SESSION_LIMIT("raise limits.maxSessionsPerDevice if this address stands for many devices"),
  /** The device starts TLS handshakes faster than its limit allows. */
  DEVICE_HANDSHAKE_LIMIT(
      "raise limits.handshakesPerSecond if this address stands for many devices"),
  /** Slow peers have used up the buffer memory, or too many devices wait for their handshakes. */
  OVERLOADED(
      "give the daemon more processors and memory (-XX:MaxDirectMemorySize), or add an instance"),

  /** A PROXY header is missing, malformed, or from an address that may not send one. */
  PROXY_HEADER_REFUSED(
      "make the load balancer send a PROXY header, and list its address in proxyProtocol.from"),
  /** The device connected directly to a port for redirected devices. */
  NOT_REDIRECTED(
      "check the nft rule; for devices that know this proxy, use another type of listener"),
  /** The device did not send a target or a ClientHello in time. */
  NEGOTIATION_TIMEOUT("check protocol and port in the device, or raise limits.negotiationTimeout"),
  /** The device's bytes before TLS are invalid or not allowed. */
  NEGOTIATION_REFUSED("check protocol, port and credentials in the device"),
  /** Plaintext followed STARTTLS (the class of CVE-2011-0411). */
  PLAINTEXT_AFTER_STARTTLS(
      "update the device or the origin, or look for an attack on the way (CVE-2011-0411)"),
  /** The device sent bytes that are not TLS, in place of a ClientHello or after it in a tunnel. */
  NOT_TLS("switch TLS (SSL) on in the device, or point it at a listener of its protocol"),
  MALFORMED_HELLO("update the device, or capture the handshake and report it"),
  NO_ROUTE("add the target to 'routes' if devices may go there"),
  ROUTE_DENIED("change 'routes' if devices may go there"),
  /** The destination is this proxy. */
  LOOP("correct the target in the device, or exempt this proxy from the redirection"),
  /** The route only tunnels, but this session needs a bridge, such as for a legacy version. */
  LEGACY_TUNNEL_REFUSED("set 'action: bridge' in the route"),
  /**
   * The device's ClientHello names another host (SNI) than its target, so the certificate would not
   * belong to the origin.
   */
  SERVER_NAME_MISMATCH(
      "make the device use one name, or set 'serverNameMismatch: useTarget' on the listener"),
  /** No certificate could be made for the name that the device requests. */
  CERTIFICATE_UNAVAILABLE("check which names the CA may sign: 'tls-uplift ca show'"),
  /** The handshake with the device failed; see the handshake outcome. */
  DEVICE_HANDSHAKE_FAILED("look up the handshake's outcome: 'tls-uplift manual troubleshooting'"),

  /** The upstream proxy could not be resolved or connected to, or did not respond in time. */
  VIA_UNREACHABLE("check address, port and firewall of the proxy in 'via'"),
  /** The upstream proxy refused the connection; the detail has its response. */
  VIA_REFUSED("allow this machine and the origin on the proxy in 'via'"),
  /** The origin's name could not be resolved. */
  ORIGIN_UNRESOLVED("check the origin's name and this machine's DNS"),
  /**
   * The origin's name resolves to this machine, its link or a private network. No route lists that
   * name itself: only a wildcard or an endpoint list matches it.
   */
  ORIGIN_ADDRESS_REFUSED(
      "name it in 'routes' without *, or set 'upstream.allowPrivateAddresses: true'"),
  /** No address of the origin accepted a connection. */
  ORIGIN_UNREACHABLE("open the firewall to it; 'tls-uplift probe' tests the connection"),
  /** The origin's certificate has expired, has an unknown issuer, is weak, or has another name. */
  ORIGIN_CERTIFICATE_INVALID("renew it; if a firewall inspects TLS, add its CA to upstream.trust"),
  /** The issuer has revoked the origin's certificate. */
  ORIGIN_CERTIFICATE_REVOKED("have a new certificate issued for the origin"),
  /**
   * The revocation status of the origin's certificate is required but unknown: the stapled response
   * is invalid, or a required response is missing.
   */
  ORIGIN_REVOCATION_UNKNOWN(
      "repair OCSP stapling on the origin, or let this machine reach the issuer"),
  /** The origin does not agree to TLS 1.2 or later with a strong cipher suite. */
  ORIGIN_BELOW_FLOOR("update the origin: no setting here allows anything below TLS 1.2"),
  /** The handshake with the origin failed for another reason. */
  ORIGIN_HANDSHAKE_FAILED("run 'tls-uplift probe' for this origin: it names the step that fails"),

  /** The device could not be signed in; see the sign-in's outcome. */
  SIGN_IN_FAILED("check login and password in the device, then run 'tls-uplift doctor'"),
  /**
   * The device violated the TLS protocol after the handshake, or sent ambiguous mail data (SMTP
   * smuggling, the class of CVE-2023-51764).
   */
  DEVICE_PROTOCOL_ERROR("update the device; if it is new, look for damage or an attack on the way"),

  /**
   * The proxy refused a message while its data arrived. This ends the session, because SMTP has no
   * way to take back data that the origin has.
   */
  MESSAGE_REFUSED("look up the reason in 'tls-uplift manual microsoft-replies'"),

  /** The origin does not offer STARTTLS, or refused it. */
  ORIGIN_STARTTLS_UNAVAILABLE(
      "disable mail inspection by firewalls, or use 'upstreamTls: implicit'"),
  /** The mail origin refused the connection in its greeting or soon after. */
  ORIGIN_REFUSED("look up the origin's reply: 'tls-uplift manual microsoft-replies'"),
  /**
   * A reply of a mail or plain HTTP origin was invalid, too long or too late. Or the origin
   * violated the TLS protocol after the handshake, or sent other bytes than TLS in a tunnel.
   */
  ORIGIN_PROTOCOL_ERROR("check protocol, 'upstreamTls' and port of the origin"),
  /** A fault of this program. */
  INTERNAL_ERROR("report this line: it is a fault of this program");

  private final String remedy;

  CloseReason(String remedy) {
    this.remedy = remedy;
  }

  /** Whether the device ended the session normally. */
  public boolean isEndOfDevice() {
    return this == DEVICE_CLOSED || this == DEVICE_CLOSED_UNUSED;
  }

  /** What an operator can do, in one line; empty for a normal end. */
  public String remedy() {
    return remedy;
  }
}
