package org.tlsuplift.proxy.relay;

/**
 * The event by which a side's handlers tell the relay that all has been said: nothing more of this
 * side is passed on, and the other side is not told so, because it knows from what was said.
 */
public enum InputDone {
  INSTANCE
}
