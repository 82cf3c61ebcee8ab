package org.tlsuplift.server.inventory;

import java.util.Locale;

/** What a device has several of. */
public enum FactKind {
  VERSION(false),
  SUITE(false),
  /** A JA4 fingerprint: several are several programs. */
  JA4(true),
  DESTINATION(true),
  LISTENER(false),
  /** A failure, in the word of log and metrics. */
  FAILURE(false),
  /** A refusal of its mail origin. */
  REPLY(false);

  /** How many values are kept of what a device can make up at will: those seen last. */
  public static final int MAX_VALUES = 32;

  private final String label = name().toLowerCase(Locale.ROOT);
  private final boolean open;

  FactKind(boolean open) {
    this.open = open;
  }

  /** Whether there is no end of possible values. */
  public boolean isOpen() {
    return open;
  }

  /** The word in database and JSON. */
  public String label() {
    return label;
  }
}
