package org.tlsuplift.proxy.model;

import org.tlsuplift.proxy.outcome.MessageRefusal;

/** What became of a message that a device began. */
public enum MessageOutcome implements Labelled {
  /** The origin has accepted the message (reply 2xx). */
  ACCEPTED,
  /** The origin refused it for now (reply 4xx). */
  DEFERRED,
  /** The origin refused it for good (another reply). */
  REJECTED,
  /** This proxy refused it; the message has the {@link MessageRefusal}. */
  REFUSED,
  /** The device gave it up, or the session ended before the origin replied. */
  ABANDONED,
  /** This proxy keeps it and delivers it. */
  WAITING,
  /** This proxy has delivered it later. */
  DELIVERED,
  /** This proxy could not deliver it; its sender was told. */
  RETURNED,
  /** Another version stored an outcome that this version does not know. */
  UNKNOWN;

  /** Whether the device could send it, to the origin or to this proxy. */
  public boolean isTaken() {
    return this == ACCEPTED || this == WAITING;
  }

  /** Whether the device has sent the message earlier, and has left. */
  public boolean isLater() {
    return this == DELIVERED || this == RETURNED;
  }
}
