package org.tlsuplift.proxy.model;

/** Why this proxy refused a message of a signed-in device. */
public enum MessageRefusal implements Labelled {
  SENDER_NOT_ALLOWED,
  TOO_MANY_MESSAGES;
}
