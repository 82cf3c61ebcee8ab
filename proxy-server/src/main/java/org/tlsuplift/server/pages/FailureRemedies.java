package org.tlsuplift.server.pages;

import java.util.Arrays;
import java.util.Optional;
import org.tlsuplift.proxy.model.CloseReason;
import org.tlsuplift.proxy.model.HandshakeOutcome;
import org.tlsuplift.proxy.model.OriginReply;

/** What can be done about failures, by the words that log, metrics and inventory have for them. */
final class FailureRemedies {
  private static final String UNKNOWN = "the log has the session's line";

  private FailureRemedies() {}

  static String remedy(String label) {
    Optional<HandshakeOutcome> handshake =
        Arrays.stream(HandshakeOutcome.values())
            .filter(outcome -> outcome.label().equals(label))
            .findAny();
    return handshake
        .map(HandshakeOutcome::remedy)
        .or(
            () ->
                Arrays.stream(CloseReason.values())
                    .filter(reason -> reason.label().equals(label))
                    .findAny()
                    .map(FailureRemedies::remedy))
        .orElse(UNKNOWN);
  }

  static String replyRemedy(String label) {
    return Arrays.stream(OriginReply.values())
        .filter(reply -> reply.label().equals(label))
        .findAny()
        .map(OriginReply::remedy)
        .orElse(UNKNOWN);
  }

  private static String remedy(CloseReason reason) {
    return switch (reason) {
      case DEVICE_CLOSED, ORIGIN_CLOSED, DEVICE_RESET, ORIGIN_RESET, IDLE_TIMEOUT, SHUTDOWN ->
          "nothing: sessions end so";
      case DEVICE_CLOSED_UNUSED ->
          "often it looks at our certificate only after the handshake, and does not trust it: install the CA"
              + " certificate ('tls-uplift ca export'), and check the name by which it connects; a check of the"
              + " port that makes a handshake looks the same";
      case DEVICE_NOT_ADMITTED ->
          "add the device's subnet to devices.allow, and to devices of an antique listener";
      case SESSION_LIMIT ->
          "raise limits.maxSessions and the limit of open files (LimitNOFILE), or find out who opens so many";
      case DEVICE_SESSION_LIMIT ->
          "raise limits.maxSessionsPerDevice, or find out why the device opens so many";
      case DEVICE_HANDSHAKE_LIMIT ->
          "raise limits.handshakesPerSecond, or find out why the device connects so often";
      case OVERLOADED ->
          "give the daemon more memory for buffers (-XX:MaxDirectMemorySize), or add another instance";
      case PROXY_HEADER_REFUSED ->
          "let the load balancer send a PROXY header, and list its address in proxyProtocol.from";
      case NOT_REDIRECTED ->
          "this port is for redirected devices: check the nftables rule, or point the device to another"
              + " listener";
      case NEGOTIATION_TIMEOUT ->
          "it said nothing in time: check that the device speaks what the listener expects (STARTTLS or"
              + " implicit TLS, HTTP proxy or SOCKS)";
      case NEGOTIATION_REFUSED ->
          "what it said before TLS was refused: check protocol, credentials and port in the device; the log"
              + " has the detail";
      case PLAINTEXT_AFTER_STARTTLS ->
          "somebody sent plaintext behind STARTTLS: an attack (CVE-2011-0411), or a very broken device";
      case NOT_TLS ->
          "switch TLS (SSL) on in the device, or point it at a listener of its protocol";
      case MALFORMED_HELLO ->
          "capture the handshake and report it: the device breaks the TLS protocol";
      case NO_ROUTE -> "add the destination to routes, if devices may go there";
      case ROUTE_DENIED -> "a route denies this destination: that is how it is configured";
      case LOOP ->
          "the destination is this proxy itself: correct it in the device, or exempt the proxy from the"
              + " redirection";
      case LEGACY_TUNNEL_REFUSED ->
          "the route tunnels, but the device is too old for that: let the route bridge";
      case SERVER_NAME_MISMATCH ->
          "its TLS hello names another host than the one it goes to: correct the device, or set"
              + " serverNameMismatch: useTarget on the listener";
      case CERTIFICATE_UNAVAILABLE ->
          "no certificate could be made for the name the device asks for; the log tells why";
      case DEVICE_HANDSHAKE_FAILED -> "the handshake failed; the log tells how";
      case VIA_UNREACHABLE -> "the proxy in via is silent: check its address, port and firewall";
      case VIA_REFUSED ->
          "the proxy in via refuses: allow host and port there, and check user and password file";
      case ORIGIN_UNRESOLVED ->
          "the origin's name has no address: check it, and this machine's DNS";
      case ORIGIN_ADDRESS_REFUSED ->
          "the origin's name leads into your own network: name it in routes, without *, or set"
              + " upstream.allowPrivateAddresses: true; if it should not, look who answers for that name";
      case ORIGIN_UNREACHABLE ->
          "no address of the origin accepts: open the port towards it; 'tls-uplift probe' names the step";
      case ORIGIN_CERTIFICATE_INVALID ->
          "the origin's certificate is not good for its name; behind an inspecting firewall set"
              + " upstream.trust to its CA";
      case ORIGIN_CERTIFICATE_REVOKED ->
          "the origin's certificate was revoked: have a new one issued there";
      case ORIGIN_REVOCATION_UNKNOWN ->
          "it is not known whether the origin's certificate was revoked: repair OCSP stapling there, or let this"
              + " machine reach the issuer (upstream.revocation)";
      case ORIGIN_BELOW_FLOOR ->
          "the origin agrees to nothing from TLS 1.2 up: it has to be updated, nothing here can lower that";
      case ORIGIN_HANDSHAKE_FAILED -> "'tls-uplift probe' from this machine names the step";
      case ORIGIN_STARTTLS_UNAVAILABLE ->
          "the origin has no STARTTLS, or a firewall on the way hides it: let this machine through";
      case SIGN_IN_FAILED ->
          "the device could not be signed in; the log tells why: its name or password, its account, or"
              + " Microsoft";
      case DEVICE_PROTOCOL_ERROR ->
          "it sent mail in a form that can be taken in two ways, or broke the TLS protocol: update the"
              + " device, or have it end lines with CR LF; the log has the cause";
      case ORIGIN_REFUSED -> "the origin turned the connection away; the log has its reply";
      case ORIGIN_PROTOCOL_ERROR ->
          "no server of that protocol answers there, too late, or it broke the TLS protocol: check"
              + " protocol, upstreamTls and port";
      case INTERNAL_ERROR -> "a fault of this program: report the log's line";
    };
  }
}
