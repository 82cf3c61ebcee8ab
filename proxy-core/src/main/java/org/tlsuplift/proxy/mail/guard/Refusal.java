package org.tlsuplift.proxy.mail.guard;

import org.tlsuplift.proxy.outcome.MessageRefusal;

/**
 * A refusal of a message or recipient.
 *
 * @param reply for the device, without CRLF
 * @param detail one line for the operator
 */
record Refusal(MessageRefusal reason, String reply, String detail) {
  /** A refusal whose reply says all. */
  Refusal(MessageRefusal reason, String reply) {
    this(reason, reply, reply.substring(4));
  }
}
