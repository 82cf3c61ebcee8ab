package org.tlsuplift.proxy.session;

import java.io.IOException;
import org.tlsuplift.proxy.context.SessionContext;
import org.tlsuplift.proxy.context.SessionReport;
import org.tlsuplift.proxy.model.Explanation;
import org.tlsuplift.proxy.outcome.CloseReason;
import org.tlsuplift.proxy.session.SessionState.Connecting;
import org.tlsuplift.proxy.session.SessionState.Queued;
import org.tlsuplift.proxy.setup.RelayStarter;
import org.tlsuplift.proxy.tls.failure.TlsFault;

/**
 * Decides why a session ends when its device closes the connection or the connection fails.
 *
 * <p>Runs on the session's event loop.
 */
final class DisconnectReason {
  private DisconnectReason() {}

  /** Ends the session of a device that closed the connection. */
  static void ofClose(SessionState state, SessionContext context, RelayStarter.Ending ending) {
    SessionReport report = context.report();
    Throwable refusal = state.refusal();
    if (refusal != null) {
      ending.ended(report.originFailed(refusal), SessionReport.explanation(refusal));
      return;
    }
    if (state instanceof Queued queued) {
      ending.ended(CloseReason.OVERLOADED, queued.gaveUp());
      return;
    }
    Explanation unfinished = state.unfinished(report.elapsed());
    if (unfinished != null) {
      ending.ended(CloseReason.DEVICE_CLOSED, unfinished);
      return;
    }
    boolean ready = state instanceof Connecting connecting && connecting.setup().isDeviceReady();
    RelayStarter.deviceGone(context.device(), ready, ending);
  }

  /** Ends the session after an exception in the device's pipeline, unless TLS reports it too. */
  static void ofError(
      SessionState state, SessionContext context, Throwable cause, RelayStarter.Ending ending) {
    if (state instanceof Connecting connecting && connecting.setup().isHandshaking()) {
      // The TLS handler reports the same fault as the end of the handshake.
      return;
    }
    if (!(cause instanceof IOException) && TlsFault.of(cause).isEmpty()) {
      ending.ended(CloseReason.INTERNAL_ERROR, Explanation.of(String.valueOf(cause)));
      return;
    }
    if (state instanceof Queued queued) {
      ending.ended(CloseReason.OVERLOADED, queued.gaveUp());
      return;
    }
    Explanation unfinished = state.unfinished(context.report().elapsed());
    if (unfinished != null) {
      ending.ended(CloseReason.DEVICE_RESET, unfinished);
    } else {
      RelayStarter.end(ending, CloseReason.DEVICE_RESET, cause);
    }
  }
}
