package org.tlsuplift.proxy.tls.failure;

import io.netty.handler.ssl.NotSslRecordException;
import io.netty.handler.ssl.SslHandshakeTimeoutException;
import java.io.IOException;
import java.util.Objects;
import java.util.Optional;
import java.util.stream.Stream;
import org.tlsuplift.proxy.model.HandshakeOutcome;
import org.tlsuplift.proxy.tls.hello.AlertTap;

/**
 * Why a handshake with a device failed.
 *
 * @param outcome in terms that an operator can act on
 * @param cause the same in terms of TLS, such as {@code the device sent alert 48 (unknown_ca)}
 */
public record DeviceFailures(HandshakeOutcome outcome, String cause) {
  private static final int INTERNAL_ERROR = 80;
  private static final int MAX_CAUSES = 20;

  /** Judges by the exception of the TLS handler, and by what was seen on the wire. */
  public static DeviceFailures of(Throwable failure, AlertTap tap) {
    if (tap.alert() != AlertTap.NONE) {
      return received(tap.alert(), tap);
    }
    if (has(failure, SslHandshakeTimeoutException.class)) {
      return new DeviceFailures(HandshakeOutcome.TIMEOUT, "the device stopped in its handshake");
    }
    if (has(failure, NotSslRecordException.class)) {
      return new DeviceFailures(HandshakeOutcome.NOT_TLS, "the device sent what is no TLS record");
    }
    Optional<OpenSslError> error = OpenSslError.of(failure);
    if (error.isPresent()) {
      return error.get().receivedAlert() >= 0
          ? received(error.get().receivedAlert(), tap)
          : found(error.get().name());
    }
    Optional<JdkTlsError> jdk = JdkTlsError.of(failure);
    if (jdk.isPresent()) {
      return jdk.get().received()
          ? received(jdk.get().alert(), tap)
          : new DeviceFailures(
              ofAlert(jdk.get().alert()), "the JDK's TLS says " + jdk.get().text());
    }
    return has(failure, IOException.class)
        ? new DeviceFailures(HandshakeOutcome.CLOSED, "the device closed the connection")
        : new DeviceFailures(HandshakeOutcome.PROTOCOL_ERROR, "the device broke the protocol");
  }

  /** Some devices send internal_error when they do not trust the certificate. */
  private static DeviceFailures received(int alert, AlertTap tap) {
    return new DeviceFailures(
        alert == INTERNAL_ERROR && !tap.hasKeyExchanged()
            ? HandshakeOutcome.CERTIFICATE_REJECTED
            : ofAlert(alert),
        "the device sent alert " + alert + " (" + AlertNames.of(alert) + ")");
  }

  private static DeviceFailures found(String name) {
    return new DeviceFailures(
        ofReason(name),
        name.equals("INAPPROPRIATE_FALLBACK")
            ? "the device tried again with an older version after a failure (TLS_FALLBACK_SCSV, RFC"
                + " 7507); what failed first is the cause"
            : "BoringSSL says " + name);
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

  /** A failure and what caused it, the outermost first. */
  static Stream<Throwable> causes(Throwable failure) {
    return Stream.iterate(failure, Objects::nonNull, Throwable::getCause).limit(MAX_CAUSES);
  }
}
