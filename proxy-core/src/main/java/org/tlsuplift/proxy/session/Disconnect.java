package org.tlsuplift.proxy.session;

import java.io.IOException;
import java.time.Duration;
import org.jspecify.annotations.Nullable;
import org.tlsuplift.proxy.model.Explanation;
import org.tlsuplift.proxy.outcome.CloseReason;
import org.tlsuplift.proxy.session.SessionState.Connecting;
import org.tlsuplift.proxy.session.SessionState.Queued;
import org.tlsuplift.proxy.tls.failure.OriginFailures;
import org.tlsuplift.proxy.tls.failure.TlsFault;

/** Why a session ends whose connection to the device or to the origin has ended or failed. */
record Disconnect(CloseReason reason, Explanation why) {
  /**
   * The device closed the connection before the relay started.
   *
   * @param elapsed the time since the device connected
   * @param cause the failure of the connection, or null
   */
  static Disconnect ofClose(SessionState state, Duration elapsed, @Nullable Throwable cause) {
    if (state instanceof Queued queued) {
      return new Disconnect(CloseReason.OVERLOADED, queued.gaveUp());
    }
    Explanation unfinished = state.unfinished(elapsed);
    if (unfinished != null) {
      return new Disconnect(CloseReason.DEVICE_CLOSED, unfinished);
    }
    // A device that waited only for the origin has not got what it asked for.
    boolean ready = state instanceof Connecting connecting && connecting.setup().isDeviceReady();
    return of(ready ? CloseReason.DEVICE_RESET : CloseReason.DEVICE_CLOSED, cause);
  }

  /** A handler of the device threw an exception before the relay started. */
  static Disconnect ofError(SessionState state, Duration elapsed, Throwable cause) {
    if (!(cause instanceof IOException) && TlsFault.of(cause).isEmpty()) {
      return new Disconnect(CloseReason.INTERNAL_ERROR, Explanation.of(String.valueOf(cause)));
    }
    if (state instanceof Queued queued) {
      return new Disconnect(CloseReason.OVERLOADED, queued.gaveUp());
    }
    Explanation unfinished = state.unfinished(elapsed);
    return unfinished == null
        ? of(CloseReason.DEVICE_RESET, cause)
        : new Disconnect(CloseReason.DEVICE_RESET, unfinished);
  }

  /**
   * The relay has ended or cannot start.
   *
   * <p>During the relay, an origin may still reject the proxy's client certificate, and a device
   * the server certificate. Bytes that are not TLS are a protocol error, not a reset.
   *
   * @param cause the failure of the connection, or null
   */
  static Disconnect of(CloseReason reason, @Nullable Throwable cause) {
    boolean device = reason == CloseReason.DEVICE_RESET;
    if (cause == null || (!device && reason != CloseReason.ORIGIN_RESET)) {
      return new Disconnect(reason, Explanation.NONE);
    }
    String detail = String.valueOf(cause.getMessage());
    OriginFailures refusal = device ? null : OriginFailures.afterHandshake(detail).orElse(null);
    if (refusal != null) {
      return new Disconnect(refusal.reason(), refusal.why());
    }
    TlsFault fault = TlsFault.of(cause).orElse(null);
    if (fault == null) {
      return new Disconnect(reason, Explanation.of(detail));
    }
    if (device && fault.rejectsCertificate()) {
      return new Disconnect(
          CloseReason.DEVICE_CLOSED_UNUSED,
          Explanation.of("the device does not trust the CA: it " + fault.text()));
    }
    CloseReason broken =
        device ? CloseReason.DEVICE_PROTOCOL_ERROR : CloseReason.ORIGIN_PROTOCOL_ERROR;
    return new Disconnect(
        fault.isAlert() ? reason : broken,
        Explanation.of((device ? "the device " : "the origin ") + fault.text()));
  }
}
