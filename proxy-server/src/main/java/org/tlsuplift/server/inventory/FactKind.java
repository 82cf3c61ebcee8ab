package org.tlsuplift.server.inventory;

import org.tlsuplift.proxy.model.Labelled;

/** A kind of value. A device can have several values of one kind. */
public enum FactKind implements Labelled {
  VERSION(false),
  SUITE(false),
  /** A JA4 fingerprint. Several fingerprints mean several programs. */
  JA4(true),
  DESTINATION(true),
  /** A destination and the group of the key exchange with it, in the device's latest sessions. */
  KEY_EXCHANGE(true),
  LISTENER(false),
  /** A failure, with the label that log and metrics use. */
  FAILURE(false),
  /** A refusal by the device's mail origin. */
  REPLY(false),
  /** A refusal of the device's messages by this proxy. */
  REFUSAL(false),
  /** Another version stored a kind that this version does not know. */
  UNKNOWN(false);

  /** The inventory keeps this many values of an open kind for each device: the latest ones. */
  public static final int MAX_VALUES = 32;

  private final boolean open;

  FactKind(boolean open) {
    this.open = open;
  }

  /** Whether the device chooses the values, so that their number needs a limit. */
  public boolean isOpen() {
    return open;
  }
}
