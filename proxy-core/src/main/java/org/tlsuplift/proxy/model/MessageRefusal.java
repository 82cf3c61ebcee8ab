package org.tlsuplift.proxy.model;

/** Why this proxy refused a message of a signed-in device. */
public enum MessageRefusal implements Labelled {
  /** The account does not allow the sender. */
  SENDER_NOT_ALLOWED,
  /** The mailbox has reached its limit of messages. */
  TOO_MANY_MESSAGES;
}
