package org.tlsuplift.proxy.model;

/** The result of a session's route decision. */
public enum Action implements Labelled {
  /** The proxy terminates the device's TLS and originates TLS to the origin. */
  BRIDGE,
  /** The session passes through byte for byte. */
  TUNNEL,
  /** A plain HTTP request is forwarded to its target. */
  FORWARD,
  /** The session was refused before a dial, or ended before a decision. */
  DENY;

  /** Whether a route with this action allows TLS sessions. Plain HTTP needs {@link #FORWARD}. */
  public boolean isForTls() {
    return this == BRIDGE || this == TUNNEL;
  }
}
