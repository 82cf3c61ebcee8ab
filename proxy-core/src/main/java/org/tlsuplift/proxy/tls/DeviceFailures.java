package org.tlsuplift.proxy.tls;

import io.netty.handler.ssl.NotSslRecordException;
import io.netty.handler.ssl.SslHandshakeTimeoutException;
import java.nio.channels.ClosedChannelException;
import java.util.Optional;
import org.tlsuplift.proxy.session.HandshakeOutcome;

/** Tells from an exception, and from what the wire showed, why a handshake with a device failed. */
public final class DeviceFailures {
  private DeviceFailures() {}

  /** The outcome, in terms that an operator can act on. */
  public static HandshakeOutcome outcome(Throwable cause, AlertTap tap) {
    if (tap.alert() != AlertTap.NONE) {
      return ofAlert(tap.alert());
    }
    if (has(cause, SslHandshakeTimeoutException.class)) {
      return HandshakeOutcome.TIMEOUT;
    }
    if (has(cause, NotSslRecordException.class)) {
      return HandshakeOutcome.NOT_TLS;
    }
    Optional<OpenSslError> error = OpenSslError.of(cause);
    if (error.isPresent()) {
      return error.get().receivedAlert() >= 0
          ? ofAlert(error.get().receivedAlert())
          : ofReason(error.get().name());
    }
    return has(cause, ClosedChannelException.class) || has(cause, java.io.IOException.class)
        ? HandshakeOutcome.CLOSED
        : HandshakeOutcome.PROTOCOL_ERROR;
  }

  private static HandshakeOutcome ofReason(String name) {
    return switch (name) {
      case "UNSUPPORTED_PROTOCOL",
          "INAPPROPRIATE_FALLBACK",
          "WRONG_VERSION_NUMBER",
          "VERSION_TOO_LOW" ->
          HandshakeOutcome.NO_SHARED_VERSION;
      case "NO_SHARED_CIPHER",
          "NO_CIPHERS_SPECIFIED",
          "WRONG_CURVE",
          "NO_SHARED_GROUP",
          "NO_COMMON_SIGNATURE_ALGORITHMS" ->
          HandshakeOutcome.NO_SHARED_CIPHER;
      case "SSL_HANDSHAKE_FAILURE" -> HandshakeOutcome.CLOSED;
      case "HTTP_REQUEST", "HTTPS_PROXY_REQUEST" -> HandshakeOutcome.NOT_TLS;
      default -> HandshakeOutcome.PROTOCOL_ERROR;
    };
  }

  /** RFC 8446 section 6.2 and its predecessors. */
  private static HandshakeOutcome ofAlert(int alert) {
    return switch (alert) {
      // bad_certificate to certificate_unknown, unknown_ca, access_denied, unrecognized_name
      case 41, 42, 43, 44, 45, 46, 48, 49, 112 -> HandshakeOutcome.CERTIFICATE_REJECTED;
      // protocol_version, inappropriate_fallback
      case 70, 86 -> HandshakeOutcome.NO_SHARED_VERSION;
      // handshake_failure, insufficient_security
      case 40, 71 -> HandshakeOutcome.NO_SHARED_CIPHER;
      // close_notify, user_canceled
      case 0, 90 -> HandshakeOutcome.CLOSED;
      default -> HandshakeOutcome.PROTOCOL_ERROR;
    };
  }

  static boolean has(Throwable cause, Class<? extends Throwable> type) {
    for (Throwable t = cause; t != null && t != t.getCause(); t = t.getCause()) {
      if (type.isInstance(t)) {
        return true;
      }
    }
    return false;
  }
}
