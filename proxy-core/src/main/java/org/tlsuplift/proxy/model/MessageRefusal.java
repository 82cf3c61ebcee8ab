package org.tlsuplift.proxy.model;

import java.util.Locale;

/** Why this proxy took a message from none of its signed-in devices. */
public enum MessageRefusal {
  /** The sender is none of those that the account allows. */
  SENDER_NOT_ALLOWED,
  /** The mailbox has sent as many messages as it may for now. */
  TOO_MANY_MESSAGES;

  /** The value of the metric tag. */
  public String label() {
    return name().toLowerCase(Locale.ROOT);
  }
}
