package org.tlsuplift.proxy.relay;

/**
 * A handler fires this event to make the relay discard further input of this side. The other side
 * gets no FIN, because its protocol already marks the end of the input.
 */
public enum InputDone {
  INSTANCE
}
