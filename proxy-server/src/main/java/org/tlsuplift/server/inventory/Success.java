package org.tlsuplift.server.inventory;

import org.tlsuplift.proxy.model.Labelled;

/**
 * A success of a device at an origin. It ends the earlier problems of the device there that it
 * proves to be over.
 */
public enum Success implements Labelled {
  /** The device agreed to TLS. It ends failed handshakes. */
  HANDSHAKE,
  /** A session reached the origin and ended normally. It ends sessions that failed otherwise. */
  SESSION,
  /** The origin accepted a message. It ends refusals by SMTP. */
  MESSAGE,
  /** The origin accepted a sign-in to a mailbox. It ends refusals by IMAP and POP3. */
  SIGN_IN;

  /** The kind of these values, beside the kinds of problems. */
  public static final String KIND = "success";
}
