package org.tlsuplift.proxy.signin.guard;

/** What the origin has yet to answer to. */
enum Expected {
  /** A command like any other, or a message. */
  REPLY,
  /** EHLO or HELO: the list of capabilities is rewritten. */
  CAPABILITIES,
  /** DATA: after 354 comes the message (RFC 5321 section 4.1.1.4). */
  GO_AHEAD
}
