package org.tlsuplift.proxy.signin.guard;

/** The replies that the origin still owes. */
enum Expected {
  /** To an ordinary command, or a message. */
  REPLY,
  /** EHLO or HELO: the list of capabilities is rewritten. */
  CAPABILITIES,
  /** DATA: the message follows 354 (RFC 5321 section 4.1.1.4). */
  GO_AHEAD
}
