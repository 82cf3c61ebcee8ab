package org.tlsuplift.proxy.model;

/** Why this proxy took a message from none of its signed-in devices. */
public enum MessageRefusal implements Labelled {
  /** The sender is none of those that the account allows. */
  SENDER_NOT_ALLOWED,
  /** The mailbox has sent as many messages as it may for now. */
  TOO_MANY_MESSAGES;
}
