package org.tlsuplift.proxy.tls.failure;

import io.netty.handler.ssl.NotSslRecordException;
import io.netty.handler.ssl.SslHandshakeTimeoutException;
import java.io.IOException;
import java.security.GeneralSecurityException;
import java.util.Objects;
import java.util.Optional;
import java.util.stream.Stream;
import org.tlsuplift.proxy.outcome.HandshakeOutcome;
import org.tlsuplift.proxy.tls.hello.AlertTap;

/**
 * Why a handshake with a device failed.
 *
 * @param outcome the class of the failure, which has a remedy for the operator
 * @param cause the TLS event, such as {@code the device sent alert 48 (unknown_ca)}
 * @param remedy what the operator can do; empty if the outcome's remedy applies
 * @param detail the TLS library's reason; may be empty
 */
public record DeviceFailures(HandshakeOutcome outcome, String cause, String remedy, String detail) {
  private static final int CERTIFICATE_EXPIRED = 45;
  private static final int UNRECOGNIZED_NAME = 112;
  private static final int INTERNAL_ERROR = 80;
  private static final int MAX_CAUSES = 20;

  private DeviceFailures(HandshakeOutcome outcome, String cause) {
    this(outcome, cause, "", "");
  }

  /**
   * Explains the TLS handler's exception. If the device sent an unencrypted alert, the alert
   * counts.
   */
  public static DeviceFailures of(Throwable failure, AlertTap tap) {
    if (tap.alert() != AlertTap.NONE) {
      return received(tap.alert(), tap);
    }
    if (has(failure, SslHandshakeTimeoutException.class)) {
      return new DeviceFailures(
          HandshakeOutcome.TIMEOUT, "the device stopped responding during the handshake");
    }
    if (has(failure, NotSslRecordException.class)) {
      return new DeviceFailures(
          HandshakeOutcome.NOT_TLS, "the device sent bytes that are not a TLS record");
    }
    Optional<JdkTlsError> jdk = JdkTlsError.of(failure);
    if (jdk.isPresent()) {
      return jdk.get().received()
          ? received(jdk.get().alert(), tap)
          : found(ofAlert(jdk.get().alert()), jdk.get().text());
    }
    // BoringSSL's engine has no other failure of this kind. Its text may look like BoringSSL's.
    Optional<Throwable> key =
        causes(failure).filter(GeneralSecurityException.class::isInstance).findFirst();
    if (key.isPresent()) {
      return new DeviceFailures(
          HandshakeOutcome.PROTOCOL_ERROR,
          "an operation with the certificate's key failed: " + key.get().getMessage());
    }
    Optional<OpenSslError> error = OpenSslError.of(failure);
    if (error.isPresent()) {
      return error.get().receivedAlert() >= 0
          ? received(error.get().receivedAlert(), tap)
          : found(error.get().name());
    }
    return has(failure, IOException.class)
        ? new DeviceFailures(HandshakeOutcome.CLOSED, "the device closed the connection")
        : new DeviceFailures(
            HandshakeOutcome.PROTOCOL_ERROR, "the device violated the TLS protocol");
  }

  /** Some devices send internal_error when they do not trust the certificate. */
  private static DeviceFailures received(int alert, AlertTap tap) {
    return new DeviceFailures(
        alert == INTERNAL_ERROR && !tap.hasKeyExchanged()
            ? HandshakeOutcome.CERTIFICATE_REJECTED
            : ofAlert(alert),
        "the device sent alert " + alert + " (" + AlertNames.of(alert) + ")",
        remedy(alert),
        "");
  }

  private static String remedy(int alert) {
    return switch (alert) {
      case CERTIFICATE_EXPIRED -> "check the device's clock";
      case UNRECOGNIZED_NAME -> "add the name that the device uses to the listener's 'serverNames'";
      default -> "";
    };
  }

  private static DeviceFailures found(String name) {
    return name.equals("INAPPROPRIATE_FALLBACK")
        // RFC 7507.
        ? new DeviceFailures(
            ofReason(name),
            "the device tried an older version after a failure (TLS_FALLBACK_SCSV)",
            "find the device's first failure in this log: it is the cause",
            "")
        : found(ofReason(name), name);
  }

  private static DeviceFailures found(HandshakeOutcome outcome, String reason) {
    String cause =
        switch (outcome) {
          case NO_SHARED_VERSION -> "the device offers no TLS version that the listener allows";
          case NO_SHARED_CIPHER -> "the device offers no cipher suite that the listener allows";
          case NOT_TLS -> "the device sent plain HTTP";
          case CLOSED -> "the device ended the handshake";
          case COMPLETED, CERTIFICATE_REJECTED, TIMEOUT, PROTOCOL_ERROR, ABANDONED ->
              "the device violated the TLS protocol (" + reason + ")";
        };
    return new DeviceFailures(outcome, cause, "", reason);
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
  static HandshakeOutcome ofAlert(int alert) {
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

  static boolean has(Throwable failure, Class<? extends Throwable> type) {
    return causes(failure).anyMatch(type::isInstance);
  }

  /** A failure and its causes, the outermost first; at most 20. */
  static Stream<Throwable> causes(Throwable failure) {
    return Stream.iterate(failure, Objects::nonNull, Throwable::getCause).limit(MAX_CAUSES);
  }
}
