package org.tlsuplift.proxy.model;

import java.util.Locale;

/** What a session's route decision came to. */
public enum Action {
  /** Terminated here, originated anew. */
  BRIDGE,
  /** Passed through byte for byte. */
  TUNNEL,
  /** A request in plain HTTP, sent on to where it asked to be sent. */
  FORWARD,
  /** Refused before anything was dialled, or ended before a decision was reached. */
  DENY;

  private final String label = name().toLowerCase(Locale.ROOT);

  /** Whether sessions under TLS, and no others, are let through. */
  public boolean isForTls() {
    return this == BRIDGE || this == TUNNEL;
  }

  /** The value of the metric tag. */
  public String label() {
    return label;
  }
}
