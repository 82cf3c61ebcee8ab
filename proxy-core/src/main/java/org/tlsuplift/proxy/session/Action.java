package org.tlsuplift.proxy.session;

import java.util.Locale;

/** What a session's route decision came to. */
public enum Action {
  /** Terminated here, originated anew. */
  BRIDGE,
  /** Passed through byte for byte. */
  TUNNEL,
  /** Refused before anything was dialled, or ended before a decision was reached. */
  DENY;

  /** The value of the metric tag. */
  public String label() {
    return name().toLowerCase(Locale.ROOT);
  }
}
