package org.tlsuplift.proxy.model;

/** The mail protocols that can start TLS within a conversation. */
public enum MailProtocol implements Labelled {
  /** Mail submission and relay (RFC 5321, RFC 3207). */
  SMTP,
  /** Mailbox access (RFC 9051, RFC 3501). */
  IMAP,
  /** Mailbox download (RFC 1939, RFC 2595). */
  POP3;
}
