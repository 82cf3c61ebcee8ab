package org.tlsuplift.proxy.context;

import java.net.InetSocketAddress;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.slf4j.event.Level;
import org.slf4j.spi.LoggingEventBuilder;
import org.tlsuplift.proxy.model.CloseReason;
import org.tlsuplift.proxy.model.DeviceHandshake;
import org.tlsuplift.proxy.model.DeviceSignIn;
import org.tlsuplift.proxy.model.HostPort;
import org.tlsuplift.proxy.model.MailProtocol;
import org.tlsuplift.proxy.model.MessageRefusal;
import org.tlsuplift.proxy.model.OriginReply;
import org.tlsuplift.proxy.model.SessionId;
import org.tlsuplift.proxy.model.SessionSummary;
import org.tlsuplift.proxy.model.SignInOutcome;
import org.tlsuplift.proxy.tls.hello.OfferedText;

/** Writes what an operator reads about a session: why it ended, and what to do. */
final class SessionLog {
  private static final Logger log = LoggerFactory.getLogger("org.tlsuplift.session");

  private final SessionId id;
  private final String listener;
  private final String device;

  SessionLog(SessionId id, String listener, InetSocketAddress device) {
    this.id = id;
    this.listener = listener;
    this.device = device.getAddress().getHostAddress();
  }

  private LoggingEventBuilder line(Level level) {
    return log.atLevel(level)
        .addKeyValue("session", id)
        .addKeyValue("listener", listener)
        .addKeyValue("device", device);
  }

  void closed(SessionSummary summary) {
    LoggingEventBuilder line =
        line(level(summary))
            .addKeyValue("target", summary.target() == null ? "none" : summary.target())
            .addKeyValue("action", summary.action().label())
            .addKeyValue("reason", summary.reason().label());
    if (!summary.detail().isEmpty()) {
      line = line.addKeyValue("detail", summary.detail());
    }
    DeviceHandshake handshake = summary.deviceHandshake();
    if (handshake != null) {
      line = line.addKeyValue("handshake", handshake.outcome().label());
      if (handshake.agreed() != null) {
        line =
            line.addKeyValue("agreed", handshake.agreed().version())
                .addKeyValue("cipher", handshake.agreed().cipherSuite());
      } else {
        line = line.addKeyValue("remedy", handshake.outcome().remedy());
      }
    }
    if (summary.offered() != null && level(summary) == Level.WARN) {
      line = line.addKeyValue("offered", OfferedText.describe(summary.offered()));
    }
    line.log("session ended");
  }

  void plaintext(MailProtocol protocol) {
    line(Level.WARN)
        .addKeyValue("protocol", protocol.label())
        .addKeyValue(
            "remedy",
            "switch encryption on in the device; what it sends, passwords included, can be read on the"
                + " local network")
        .log("device does not encrypt");
  }

  void signedIn(DeviceSignIn attempt) {
    boolean quiet =
        attempt.outcome() == SignInOutcome.SIGNED_IN
            || attempt.outcome() == SignInOutcome.ABANDONED;
    LoggingEventBuilder line =
        line(quiet ? Level.DEBUG : Level.WARN)
            .addKeyValue("protocol", attempt.protocol().label())
            .addKeyValue("outcome", attempt.outcome().label());
    if (attempt.mailbox() != null) {
      line = line.addKeyValue("mailbox", attempt.mailbox());
    }
    if (!attempt.detail().isEmpty()) {
      line = line.addKeyValue("detail", attempt.detail());
    }
    if (!quiet) {
      line = line.addKeyValue("remedy", attempt.outcome().remedy());
    }
    line.log("sign-in ended");
  }

  void messageRefused(MessageRefusal refusal, String mailbox, String detail) {
    line(Level.WARN)
        .addKeyValue("mailbox", mailbox)
        .addKeyValue("refusal", refusal.label())
        .addKeyValue("detail", detail)
        .log("message refused");
  }

  void replied(@Nullable HostPort target, OriginReply reply, String remedy) {
    line(Level.WARN)
        .addKeyValue("target", target == null ? "none" : target)
        .addKeyValue("reply", reply.label())
        .addKeyValue("remedy", remedy)
        .log("origin refused");
  }

  private static Level level(SessionSummary summary) {
    // Load balancers check in this way, every few seconds, whether a port is open.
    boolean onlyLooked = summary.reason() == CloseReason.DEVICE_RESET && summary.target() == null;
    return onlyLooked ? Level.DEBUG : level(summary.reason());
  }

  private static Level level(CloseReason reason) {
    return switch (reason) {
      case DEVICE_CLOSED, ORIGIN_CLOSED -> Level.DEBUG;
      case DEVICE_CLOSED_UNUSED, DEVICE_RESET, ORIGIN_RESET, IDLE_TIMEOUT, SHUTDOWN -> Level.INFO;
      case DEVICE_NOT_ADMITTED,
          SESSION_LIMIT,
          DEVICE_SESSION_LIMIT,
          DEVICE_HANDSHAKE_LIMIT,
          OVERLOADED,
          PROXY_HEADER_REFUSED,
          NOT_REDIRECTED,
          NEGOTIATION_TIMEOUT,
          NEGOTIATION_REFUSED,
          PLAINTEXT_AFTER_STARTTLS,
          NOT_TLS,
          MALFORMED_HELLO,
          NO_ROUTE,
          ROUTE_DENIED,
          LOOP,
          LEGACY_TUNNEL_REFUSED,
          SERVER_NAME_MISMATCH,
          CERTIFICATE_UNAVAILABLE,
          DEVICE_HANDSHAKE_FAILED,
          VIA_UNREACHABLE,
          VIA_REFUSED,
          ORIGIN_UNRESOLVED,
          ORIGIN_ADDRESS_REFUSED,
          ORIGIN_UNREACHABLE,
          ORIGIN_CERTIFICATE_INVALID,
          ORIGIN_CERTIFICATE_REVOKED,
          ORIGIN_REVOCATION_UNKNOWN,
          ORIGIN_BELOW_FLOOR,
          ORIGIN_HANDSHAKE_FAILED,
          SIGN_IN_FAILED,
          DEVICE_PROTOCOL_ERROR,
          ORIGIN_STARTTLS_UNAVAILABLE,
          ORIGIN_REFUSED,
          ORIGIN_PROTOCOL_ERROR ->
          Level.WARN;
      case INTERNAL_ERROR -> Level.ERROR;
    };
  }
}
