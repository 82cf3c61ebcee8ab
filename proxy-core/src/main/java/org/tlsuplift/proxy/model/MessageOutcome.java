package org.tlsuplift.proxy.model;

import org.tlsuplift.proxy.outcome.MessageRefusal;

/** What became of a message that a device began. */
public enum MessageOutcome implements Labelled {
  /** The origin has accepted the message (reply 2xx). */
  ACCEPTED,
  /** This proxy keeps it and delivers it later. */
  WAITING,
  /** This proxy has delivered a message that it kept. */
  DELIVERED,
  /** This proxy could not deliver a message that it kept, and has notified its sender. */
  RETURNED,
  /** The origin refused it for now (reply 4xx). */
  DEFERRED,
  /** The origin refused it for good (another reply). */
  REJECTED,
  /** This proxy refused it; the message has the {@link MessageRefusal}. */
  REFUSED,
  /** The device gave it up, or the session ended before the origin replied. */
  ABANDONED
}
