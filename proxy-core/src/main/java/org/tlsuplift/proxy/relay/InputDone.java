package org.tlsuplift.proxy.relay;

/**
 * The event by which a handler tells the relay to discard the further input of this side. The other
 * side gets no FIN, because the protocol told it where the input ends.
 */
public enum InputDone {
  INSTANCE
}
