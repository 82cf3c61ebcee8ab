package org.tlsuplift.proxy.relay;

import org.jspecify.annotations.Nullable;
import org.tlsuplift.proxy.model.CloseReason;

/** Is told once, on the event loop, that a relay has ended; the receiver closes both channels. */
@FunctionalInterface
public interface RelayCallbacks {
  /**
   * All that could be delivered has been delivered.
   *
   * @param cause what broke the connection, or null where nothing did
   */
  void relayEnded(CloseReason reason, @Nullable Throwable cause);
}
