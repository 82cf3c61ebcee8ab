package org.tlsuplift.proxy.model;

import java.util.Locale;

/** The mail protocols that can start TLS in the middle of a conversation. */
public enum MailProtocol {
  /** Mail submission and relay (RFC 5321, RFC 3207). */
  SMTP,
  /** Mailbox access (RFC 9051, RFC 3501). */
  IMAP,
  /** Mailbox download (RFC 1939, RFC 2595). */
  POP3;

  private final String label = name().toLowerCase(Locale.ROOT);

  /** The value of the metric tag, and the word of the configuration. */
  public String label() {
    return label;
  }
}
