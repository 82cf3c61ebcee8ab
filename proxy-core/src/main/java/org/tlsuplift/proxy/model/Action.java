package org.tlsuplift.proxy.model;

/** What a session's route decision came to. */
public enum Action implements Labelled {
  /** Terminated here, originated anew. */
  BRIDGE,
  /** Passed through byte for byte. */
  TUNNEL,
  /** A request in plain HTTP, sent on to where it asked to be sent. */
  FORWARD,
  /** Refused before anything was dialled, or ended before a decision was reached. */
  DENY;

  /** Whether sessions under TLS, and no others, are let through. */
  public boolean isForTls() {
    return this == BRIDGE || this == TUNNEL;
  }
}
