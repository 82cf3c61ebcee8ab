package org.tlsuplift.proxy.outcome;

import org.jspecify.annotations.Nullable;

/** Why a session ended: one closed list for the metric label, log field and inventory value. */
public enum CloseReason implements Outcome {
  DEVICE_CLOSED(Level.DEBUG, "The device ended the session", ""),
  /** Devices that check the certificate after the handshake, and do not trust it, end like this. */
  DEVICE_CLOSED_UNUSED(
      Side.DEVICE_TRUST,
      Level.INFO,
      "Leaves right after the TLS handshake",
      "if it reports an error, install the CA on it: 'tls-uplift ca export'",
      "Install the CA certificate on the device, and check the name by which it connects. Some"
          + " devices check the certificate only after the handshake. A port check looks the same.",
      Alert.DEVICE_LEAVES_UNUSED),
  ORIGIN_CLOSED(Level.DEBUG, "The origin ended the session", ""),
  DEVICE_RESET(
      Level.INFO,
      "The device reset the connection",
      "no action, unless the device reports an error"),
  ORIGIN_RESET(
      Level.INFO,
      "The origin reset the connection",
      "no action; if it repeats, look for a firewall that ends connections"),
  IDLE_TIMEOUT(
      Level.INFO,
      "No bytes moved for longer than the idle timeout",
      "raise limits.idleTimeout if the device needs longer pauses"),
  SHUTDOWN(Level.INFO, "The daemon stopped, and the session outlasted limits.drainTimeout", ""),

  /** The device's address is outside the admitted subnets. */
  DEVICE_NOT_ADMITTED(
      Side.DEVICE,
      "Its address is not allowed",
      "add its subnet to devices.allow, and to 'devices' of the listener if that is set",
      "Add its subnet to devices.allow, and to the devices of an antique listener."),
  /**
   * The device's subnet, account or SOCKS user was removed or changed while the session was open,
   * so the session ended.
   */
  ACCESS_REVOKED(
      Side.DEVICE,
      Level.INFO,
      "Its subnet or account was removed",
      "if that was a mistake, add the subnet or the account of the device again",
      "Nothing to do if you removed it on purpose. Otherwise, add the subnet or the account again.",
      null),
  /** The limit of sessions or of open files is reached. */
  SESSION_LIMIT(
      Side.PROXY,
      "Too many sessions at once",
      "raise limits.maxSessions and the limit of open files, or find the device that opens many",
      "Raise limits.maxSessions and the limit of open files (LimitNOFILE), or find the device that"
          + " opens so many.",
      Alert.SESSIONS_REFUSED),
  DEVICE_SESSION_LIMIT(
      Side.DEVICE,
      "Opens too many sessions",
      "raise limits.maxSessionsPerDevice if this address stands for many devices",
      "Raise limits.maxSessionsPerDevice, or find out why the device opens so many.",
      Alert.DEVICE_AT_ITS_LIMIT),
  /** The device starts TLS handshakes faster than its limit allows. */
  DEVICE_HANDSHAKE_LIMIT(
      Side.DEVICE,
      "Connects too often",
      "raise limits.handshakesPerSecond if this address stands for many devices",
      "Raise limits.handshakesPerSecond, or find out why the device connects so often.",
      Alert.DEVICE_AT_ITS_LIMIT),
  /** Slow peers have used up the buffer memory, or too many devices wait for their handshakes. */
  OVERLOADED(
      Side.PROXY,
      "The daemon has too few processors or too little memory for so many devices",
      "give the daemon more processors and memory (-XX:MaxDirectMemorySize), or add an instance",
      "Give the daemon more processors and memory (-XX:MaxDirectMemorySize), or add another"
          + " instance.",
      Alert.OVERLOADED),

  /** A PROXY header is missing, malformed, or from an address that may not send one. */
  PROXY_HEADER_REFUSED(
      Side.DEVICE,
      "PROXY header is missing or refused",
      "make the load balancer send a PROXY header, and list its address in proxyProtocol.from",
      "Configure the load balancer to send a PROXY header, and add its address to"
          + " proxyProtocol.from."),
  NOT_REDIRECTED(
      Side.DEVICE,
      "Connects to a port for redirected devices",
      "check the nft rule; for devices that know this proxy, use another type of listener",
      "Check the nftables rule, or point the device to another listener."),
  /** The device did not send a target or a ClientHello in time. */
  NEGOTIATION_TIMEOUT(
      Side.DEVICE,
      "Sends nothing in time",
      "check protocol and port in the device, or raise limits.negotiationTimeout",
      "Check that the device speaks what the listener expects: STARTTLS or implicit TLS, HTTP proxy"
          + " or SOCKS."),
  /** The device's bytes before TLS are invalid or not allowed. */
  NEGOTIATION_REFUSED(
      Side.DEVICE,
      "Its request before TLS is refused",
      "check protocol, port and credentials in the device",
      "Check protocol, credentials and port in the device. The log has the details."),
  /** The device or the origin sent it (the class of CVE-2011-0411). */
  PLAINTEXT_AFTER_STARTTLS(
      Side.DEVICE,
      "Plaintext after STARTTLS",
      "update the device or the origin, or look for an attack on the way (CVE-2011-0411)",
      ""),
  /** The device sent bytes that are not TLS, in place of a ClientHello or after it in a tunnel. */
  NOT_TLS(
      Side.DEVICE,
      "Does not start TLS",
      "switch TLS (SSL) on in the device, or point it at a listener of its protocol",
      ""),
  MALFORMED_HELLO(
      Side.DEVICE,
      "Sends a malformed TLS hello",
      "update the device, or capture the handshake and report it",
      "Capture the handshake and report it: the device breaks the TLS protocol."),
  NO_ROUTE(
      Side.DEVICE,
      "No route allows the destination",
      "add the target to 'routes' if devices may go there",
      "Add the destination to routes if devices may connect to it."),
  ROUTE_DENIED(
      Side.DEVICE_DENIED,
      "A route denies the destination",
      "change 'routes' if devices may go there",
      "Nothing to do if the device should not connect to it. Otherwise change the route."),
  LOOP(
      Side.DEVICE,
      "The destination is this proxy",
      "correct the target in the device, or exempt this proxy from the redirection",
      "Correct the destination in the device, or exempt the proxy from the redirection."),
  /** The route only tunnels, but this session needs a bridge, such as for a legacy version. */
  LEGACY_TUNNEL_REFUSED(
      Side.DEVICE,
      "Too old for a tunnel",
      "set 'action: bridge' in the route",
      "Set action: bridge on the route. It has action: tunnel, and the device is too old for that."),
  /**
   * The device's ClientHello names another host (SNI) than its target, so the certificate would not
   * belong to the origin.
   */
  SERVER_NAME_MISMATCH(
      Side.DEVICE,
      "Its TLS hello names another host",
      "make the device use one name, or set 'serverNameMismatch: useTarget' on the listener",
      "Correct the name in the device, or set serverNameMismatch: useTarget on the listener."),
  CERTIFICATE_UNAVAILABLE(
      Side.PROXY,
      "No certificate for the requested name",
      "check which names the CA may sign: 'tls-uplift ca show'",
      "Look for the cause in the log, often a name that the CA does not permit."),
  /** The handshake with the device failed; see the handshake outcome. */
  DEVICE_HANDSHAKE_FAILED(
      Side.DEVICE,
      "TLS handshake fails",
      "look up the handshake's outcome: 'tls-uplift manual troubleshooting'",
      "Look for the cause in the log."),

  /** The upstream proxy could not be resolved or connected to, or did not respond in time. */
  VIA_UNREACHABLE(
      Side.ORIGIN,
      "The upstream proxy is unreachable",
      "check address, port and firewall of the proxy in 'via'",
      "Check address, port and firewall of the proxy in via."),
  /** The upstream proxy refused the connection; the detail has its response. */
  VIA_REFUSED(
      Side.ORIGIN,
      "The upstream proxy refuses the connection",
      "allow this machine and the origin on the proxy in 'via'",
      "Allow host and port on the proxy in via, and check user and password file."),
  ORIGIN_UNRESOLVED(
      Side.ORIGIN,
      "The origin's name cannot be resolved",
      "check the origin's name and this machine's DNS",
      "Check the origin's name, and the DNS servers of this machine (on Linux, /etc/resolv.conf)."),
  /**
   * The origin's name resolves to this machine, its link or a private network. No route lists that
   * name itself: only a wildcard or an endpoint list matches it.
   */
  ORIGIN_ADDRESS_REFUSED(
      Side.ORIGIN,
      "The origin is inside your network",
      "name it in 'routes' without *, or set 'upstream.allowPrivateAddresses: true'",
      "Name the origin in routes without *, or set upstream.allowPrivateAddresses: true. If it"
          + " should be outside, check which DNS server answers for its name."),
  /** No address of the origin accepted a connection. */
  ORIGIN_UNREACHABLE(
      Side.ORIGIN,
      "The origin is unreachable",
      "open the firewall to it; 'tls-uplift probe' tests the connection",
      "Open the port to the origin in the firewall: many networks block ports 25 and 587."
          + " 'tls-uplift probe' names the step that fails."),
  /** The origin's certificate has expired, has an unknown issuer, is weak, or has another name. */
  ORIGIN_CERTIFICATE_INVALID(
      Side.ORIGIN,
      "The origin's certificate is invalid",
      "renew it; if a firewall inspects TLS, add its CA to upstream.trust",
      "Run 'tls-uplift probe' to see the certificate. If a firewall inspects TLS, exempt the origin"
          + " there, or set upstream.trust to the firewall's CA.",
      Alert.ORIGIN_NOT_TRUSTED),
  ORIGIN_CERTIFICATE_REVOKED(
      Side.ORIGIN,
      "The origin's certificate is revoked",
      "have a new certificate issued for the origin",
      "Renew the certificate at the origin.",
      Alert.ORIGIN_NOT_TRUSTED),
  /**
   * The revocation status of the origin's certificate is required but unknown: the stapled response
   * is invalid, or a required response is missing.
   */
  ORIGIN_REVOCATION_UNKNOWN(
      Side.ORIGIN,
      "Revocation of the origin's certificate is unknown",
      "repair OCSP stapling on the origin, or let this machine reach the issuer",
      "Repair OCSP stapling at the origin, or let this machine reach the issuer"
          + " (upstream.revocation).",
      Alert.ORIGIN_NOT_TRUSTED),
  /** The origin does not agree to TLS 1.2 or later with a strong cipher suite. */
  ORIGIN_BELOW_FLOOR(
      Side.ORIGIN,
      "The origin has no TLS 1.2",
      "update the origin: no setting here allows anything below TLS 1.2",
      "Update the origin. If it is Microsoft 365, which supports TLS 1.2 and 1.3, look for a firewall"
          + " that inspects TLS, or a wrong host name. No setting can lower the minimum of TLS 1.2.",
      Alert.ORIGIN_NOT_TRUSTED),
  /** The origin signs its TLS 1.2 key exchange with MD5 or SHA-1 (RFC 9155). */
  ORIGIN_SIGNATURE_WEAK(
      Side.ORIGIN,
      "The origin signs its TLS handshake with SHA-1",
      "update the origin, or allow SHA-256 signatures in its TLS settings",
      "Update the origin, or allow SHA-256 in the signature algorithms of its TLS settings. If it is"
          + " Microsoft 365, look for a firewall that inspects TLS.",
      Alert.ORIGIN_NOT_TRUSTED),
  /** The handshake with the origin failed for another reason. */
  ORIGIN_HANDSHAKE_FAILED(
      Side.ORIGIN,
      "TLS handshake with the origin fails",
      "run 'tls-uplift probe' for this origin: it names the step that fails",
      "Run 'tls-uplift probe' on this machine: it names the step that fails. For mail, check that"
          + " upstreamTls fits the port of the origin (587 starttls; 993 and 995 implicit)."),

  /** The device could not be signed in; see the sign-in's outcome. */
  SIGN_IN_FAILED(
      Side.DEVICE,
      "Sign-in fails",
      "check login and password in the device, then run 'tls-uplift doctor'",
      "Open the device's page after you sign in: it names what is wrong with login, password or"
          + " network. The log has the cause, too."),
  /**
   * The device violated the TLS protocol after the handshake, or sent ambiguous mail data (SMTP
   * smuggling, the class of CVE-2023-51764).
   */
  DEVICE_PROTOCOL_ERROR(
      Side.DEVICE,
      "Sends ambiguous mail or breaks the TLS protocol",
      "update the device; if it is new, look for damage or an attack on the way",
      "Update the device. If it sends mail, set it to end lines with CR LF. The log has the cause."),

  /**
   * The proxy refused a message while its data arrived. This ends the session, because SMTP has no
   * way to take back data that the origin has.
   */
  MESSAGE_REFUSED(
      Side.DEVICE,
      "Sends messages that the listener's rules refuse",
      "look up the reason in 'tls-uplift manual microsoft-replies'",
      "Compare the message with the listener's rules (mail). The log names the rule."),

  /** The origin does not offer STARTTLS, or refused it. */
  ORIGIN_STARTTLS_UNAVAILABLE(
      Side.ORIGIN,
      "The origin offers no STARTTLS",
      "disable mail inspection by firewalls, or use 'upstreamTls: implicit'",
      "Exempt this machine in the firewall: one that inspects mail may remove STARTTLS. If the port"
          + " of the origin starts with TLS, set upstreamTls: implicit."),
  /** The mail origin refused the connection in its greeting or soon after. */
  ORIGIN_REFUSED(
      Side.ORIGIN,
      "The origin refuses the connection",
      "look up the origin's reply: 'tls-uplift manual microsoft-replies'",
      "Look up its reply in 'tls-uplift manual microsoft-replies'; the log has it. If the mail"
          + " server blocks your public address, the reply contains the address."),
  /**
   * A reply of a mail or plain HTTP origin was invalid, too long or too late. Or the origin
   * violated the TLS protocol after the handshake, or sent other bytes than TLS in a tunnel.
   */
  ORIGIN_PROTOCOL_ERROR(
      Side.ORIGIN,
      "The origin does not speak this protocol",
      "check protocol, 'upstreamTls' and port of the origin",
      "Check protocol, upstreamTls and the port of the origin."),
  INTERNAL_ERROR(
      Side.PROXY,
      Level.ERROR,
      "Fault in TLS Uplift",
      "report this line: it is a fault of this program",
      "Report the line of the log.",
      Alert.FAULT);

  @SuppressWarnings("ImmutableEnumChecker") // a record of texts and enums
  private final Facts facts;

  /** A normal end. */
  CloseReason(Level level, String title, String remedy) {
    this(Side.NONE, level, title, remedy, remedy.isEmpty() ? "Nothing to do." : "", null);
  }

  CloseReason(Side side, String title, String remedy, String advice) {
    this(side, title, remedy, advice, null);
  }

  CloseReason(Side side, String title, String remedy, String advice, @Nullable Alert alert) {
    this(side, Level.WARN, title, remedy, advice, alert);
  }

  CloseReason(
      Side side, Level level, String title, String remedy, String advice, @Nullable Alert alert) {
    facts = new Facts(side, level, title, remedy, advice, alert);
  }

  @Override
  public Facts facts() {
    return facts;
  }

  /** Whether the device ended the session normally. */
  public boolean isEndOfDevice() {
    return this == DEVICE_CLOSED || this == DEVICE_CLOSED_UNUSED;
  }
}
