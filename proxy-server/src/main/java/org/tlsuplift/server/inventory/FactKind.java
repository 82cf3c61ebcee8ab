package org.tlsuplift.server.inventory;

import java.util.Locale;

/** A kind of value of which a device can show several. */
public enum FactKind {
  VERSION(false),
  SUITE(false),
  /** A JA4 fingerprint. Several fingerprints mean several programs. */
  JA4(true),
  DESTINATION(true),
  LISTENER(false),
  /** A failure, with the label that log and metrics use. */
  FAILURE(false),
  /** A refusal of its mail origin. */
  REPLY(false);

  /** The number of values of an open kind that are kept for each device: the latest. */
  public static final int MAX_VALUES = 32;

  private final String label = name().toLowerCase(Locale.ROOT);
  private final boolean open;

  FactKind(boolean open) {
    this.open = open;
  }

  /** Whether a device can invent values. */
  public boolean isOpen() {
    return open;
  }

  /** As in the database and in JSON. */
  public String label() {
    return label;
  }
}
