package org.tlsuplift.proxy.relay;

import org.tlsuplift.proxy.session.CloseReason;

/** Is told once, on the event loop, that a relay has ended; the receiver closes both channels. */
@FunctionalInterface
public interface RelayListener {
  /**
   * All that could be delivered has been delivered.
   *
   * @param detail one line for the operator; may be empty
   */
  void relayEnded(CloseReason reason, String detail);
}
