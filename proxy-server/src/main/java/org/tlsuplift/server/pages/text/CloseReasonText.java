package org.tlsuplift.server.pages.text;

import org.tlsuplift.proxy.model.CloseReason;
import org.tlsuplift.proxy.model.HandshakeOutcome;

/** The problem and the remedy of each close reason. */
final class CloseReasonText {
  private CloseReasonText() {}

  /**
   * The problem of a device whose session ended for a reason.
   *
   * @param manual the section of the manual about it
   */
  static ProblemText of(CloseReason reason, String manual) {
    return switch (reason) {
      case DEVICE_CLOSED, ORIGIN_CLOSED, DEVICE_RESET, ORIGIN_RESET, IDLE_TIMEOUT, SHUTDOWN ->
          new ProblemText("Session ended normally", "Nothing to do.", manual);
      case DEVICE_CLOSED_UNUSED ->
          new ProblemText(
              "Leaves right after the TLS handshake",
              "Install the CA certificate on the device, and check the name by which it connects."
                  + " Some devices check the certificate only after the handshake. A port check"
                  + " looks the same.",
              manual);
      case DEVICE_NOT_ADMITTED ->
          new ProblemText(
              "Its address is not allowed",
              "Add its subnet to devices.allow, and to the devices of an antique listener.",
              manual);
      case ACCESS_REVOKED ->
          new ProblemText(
              "Its subnet or account was removed",
              "Nothing to do if you removed it on purpose. Otherwise, add the subnet or the account"
                  + " again.",
              manual);
      case SESSION_LIMIT ->
          new ProblemText(
              "Too many sessions at once",
              "Raise limits.maxSessions and the limit of open files (LimitNOFILE), or find the"
                  + " device that opens so many.",
              manual);
      case DEVICE_SESSION_LIMIT ->
          new ProblemText(
              "Opens too many sessions",
              "Raise limits.maxSessionsPerDevice, or find out why the device opens so many.",
              manual);
      case DEVICE_HANDSHAKE_LIMIT ->
          new ProblemText(
              "Connects too often",
              "Raise limits.handshakesPerSecond, or find out why the device connects so often.",
              manual);
      case OVERLOADED ->
          new ProblemText(
              "The daemon has too few processors or too little memory for so many devices",
              "Give the daemon more processors and memory (-XX:MaxDirectMemorySize), or add"
                  + " another instance.",
              manual);
      case PROXY_HEADER_REFUSED ->
          new ProblemText(
              "PROXY header is missing or refused",
              "Configure the load balancer to send a PROXY header, and add its address to"
                  + " proxyProtocol.from.",
              manual);
      case NOT_REDIRECTED ->
          new ProblemText(
              "Connects to a port for redirected devices",
              "Check the nftables rule, or point the device to another listener.",
              manual);
      case NEGOTIATION_TIMEOUT ->
          new ProblemText(
              "Sends nothing in time",
              "Check that the device speaks what the listener expects: STARTTLS or implicit TLS,"
                  + " HTTP proxy or SOCKS.",
              manual);
      case NEGOTIATION_REFUSED ->
          new ProblemText(
              "Its request before TLS is refused",
              "Check protocol, credentials and port in the device. The log has the details.",
              manual);
      case PLAINTEXT_AFTER_STARTTLS ->
          new ProblemText(
              "Sends plaintext after STARTTLS",
              "Check the device and the network: this is an attack (CVE-2011-0411) or a broken"
                  + " device.",
              manual);
      case NOT_TLS ->
          new ProblemText(
              ProblemText.words(HandshakeOutcome.NOT_TLS),
              PageText.whole(HandshakeOutcome.NOT_TLS.remedy()),
              manual);
      case MALFORMED_HELLO ->
          new ProblemText(
              "Sends a malformed TLS hello",
              "Capture the handshake and report it: the device breaks the TLS protocol.",
              manual);
      case NO_ROUTE ->
          new ProblemText(
              "No route allows the destination",
              "Add the destination to routes if devices may connect to it.",
              manual);
      case ROUTE_DENIED ->
          new ProblemText(
              "A route denies the destination",
              "Nothing to do if the device should not connect to it. Otherwise change the route.",
              manual);
      case LOOP ->
          new ProblemText(
              "The destination is this proxy",
              "Correct the destination in the device, or exempt the proxy from the redirection.",
              manual);
      case LEGACY_TUNNEL_REFUSED ->
          new ProblemText(
              "Too old for a tunnel",
              "Set action: bridge on the route. It has action: tunnel, and the device is too old"
                  + " for that.",
              manual);
      case SERVER_NAME_MISMATCH ->
          new ProblemText(
              "Its TLS hello names another host",
              "Correct the name in the device, or set serverNameMismatch: useTarget on the"
                  + " listener.",
              manual);
      case CERTIFICATE_UNAVAILABLE ->
          new ProblemText(
              "No certificate for the requested name",
              "Look for the cause in the log, often a name that the CA does not permit.",
              manual);
      case DEVICE_HANDSHAKE_FAILED ->
          new ProblemText("TLS handshake fails", "Look for the cause in the log.", manual);
      case VIA_UNREACHABLE ->
          new ProblemText(
              "The upstream proxy is unreachable",
              "Check address, port and firewall of the proxy in via.",
              manual);
      case VIA_REFUSED ->
          new ProblemText(
              "The upstream proxy refuses the connection",
              "Allow host and port on the proxy in via, and check user and password file.",
              manual);
      case ORIGIN_UNRESOLVED ->
          new ProblemText(
              "The origin's name has no address",
              "Check the name, and this machine's DNS.",
              manual);
      case ORIGIN_ADDRESS_REFUSED ->
          new ProblemText(
              "The origin is inside your network",
              "Name the origin in routes without *, or set upstream.allowPrivateAddresses: true. If"
                  + " it should be outside, check which DNS server answers for its name.",
              manual);
      case ORIGIN_UNREACHABLE ->
          new ProblemText(
              "The origin is unreachable",
              "Open the port to the origin in the firewall. 'tls-uplift probe' names the step that"
                  + " fails.",
              manual);
      case ORIGIN_CERTIFICATE_INVALID ->
          new ProblemText(
              "The origin's certificate is invalid",
              "Check the origin's certificate. Behind an inspecting firewall, set upstream.trust to"
                  + " its CA.",
              manual);
      case ORIGIN_CERTIFICATE_REVOKED ->
          new ProblemText(
              "The origin's certificate is revoked",
              "Renew the certificate at the origin.",
              manual);
      case ORIGIN_REVOCATION_UNKNOWN ->
          new ProblemText(
              "Revocation of the origin's certificate is unknown",
              "Repair OCSP stapling at the origin, or let this machine reach the issuer"
                  + " (upstream.revocation).",
              manual);
      case ORIGIN_BELOW_FLOOR ->
          new ProblemText(
              "The origin has no TLS 1.2",
              "Update the origin. No setting can lower the minimum of TLS 1.2.",
              manual);
      case ORIGIN_HANDSHAKE_FAILED ->
          new ProblemText(
              "TLS handshake with the origin fails",
              "Run 'tls-uplift probe' on this machine: it names the step that fails.",
              manual);
      case ORIGIN_STARTTLS_UNAVAILABLE ->
          new ProblemText(
              "The origin offers no STARTTLS",
              "Exempt this machine in the firewall, which may remove STARTTLS. Otherwise the"
                  + " origin has none.",
              manual);
      case SIGN_IN_FAILED ->
          new ProblemText(
              "Sign-in fails",
              "Check the device's name and password and its account. The log has the cause.",
              manual);
      case DEVICE_PROTOCOL_ERROR ->
          new ProblemText(
              "Sends ambiguous mail or breaks the TLS protocol",
              "Update the device. If it sends mail, set it to end lines with CR LF. The log has the"
                  + " cause.",
              manual);
      case MESSAGE_REFUSED ->
          new ProblemText(
              "Sends messages that the listener's rules refuse",
              "Compare the message with the listener's rules (mail). The log names the rule.",
              manual);
      case ORIGIN_REFUSED ->
          new ProblemText(
              "The origin refuses the connection", "Look for its reply in the log.", manual);
      case ORIGIN_PROTOCOL_ERROR ->
          new ProblemText(
              "The origin does not speak this protocol",
              "Check protocol, upstreamTls and port of the listener.",
              manual);
      case INTERNAL_ERROR ->
          new ProblemText("Fault in TLS Uplift", "Report the line of the log.", manual);
    };
  }
}
