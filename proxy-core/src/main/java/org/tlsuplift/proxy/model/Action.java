package org.tlsuplift.proxy.model;

/** The result of a session's route decision. */
public enum Action implements Labelled {
  /** TLS is terminated here and originated to the origin. */
  BRIDGE,
  /** Passed through byte for byte. */
  TUNNEL,
  /** A request in plain HTTP, forwarded to its target. */
  FORWARD,
  /** Refused before anything was dialled, or ended before a decision was reached. */
  DENY;

  /** Whether it lets sessions under TLS through, and no others. */
  public boolean isForTls() {
    return this == BRIDGE || this == TUNNEL;
  }
}
