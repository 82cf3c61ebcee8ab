package org.tlsuplift.proxy.tls.failure;

import io.netty.handler.ssl.NotSslRecordException;
import java.util.Optional;
import javax.net.ssl.SSLException;
import org.tlsuplift.proxy.outcome.HandshakeOutcome;

/**
 * The reason why an established TLS connection broke, if TLS was the cause.
 *
 * @param alert the number of the peer's alert, or -1 if the peer violated the protocol
 * @param text the peer's action, such as {@code sent alert 48 (unknown_ca)}; the peer cannot
 *     control it
 */
public record TlsFault(int alert, String text) {
  /** Explains the TLS handler's exception; empty if TLS is not the cause. */
  public static Optional<TlsFault> of(Throwable failure) {
    if (DeviceFailures.has(failure, NotSslRecordException.class)) {
      return Optional.of(new TlsFault(-1, "sent bytes that are not a TLS record"));
    }
    Optional<OpenSslError> error = OpenSslError.of(failure);
    if (error.isPresent()) {
      int alert = error.get().receivedAlert();
      return Optional.of(alert >= 0 ? received(alert) : broken(error.get().name()));
    }
    Optional<JdkTlsError> jdk = JdkTlsError.of(failure);
    if (jdk.isPresent()) {
      int alert = jdk.get().alert();
      return Optional.of(jdk.get().received() ? received(alert) : broken(AlertNames.of(alert)));
    }
    return DeviceFailures.has(failure, SSLException.class)
        ? Optional.of(broken(""))
        : Optional.empty();
  }

  public boolean isAlert() {
    return alert >= 0;
  }

  public boolean rejectsCertificate() {
    return isAlert() && DeviceFailures.ofAlert(alert) == HandshakeOutcome.CERTIFICATE_REJECTED;
  }

  private static TlsFault received(int alert) {
    return new TlsFault(alert, "sent alert " + alert + " (" + AlertNames.of(alert) + ")");
  }

  private static TlsFault broken(String what) {
    return new TlsFault(-1, "violated the TLS protocol" + (what.isEmpty() ? "" : ": " + what));
  }
}
