package org.tlsuplift.server.mail;

import java.time.Instant;
import java.util.List;
import org.tlsuplift.proxy.mail.MessageEnvelope;

/**
 * A message that waits until it is delivered.
 *
 * @param id unique; ids sort by the time of acceptance
 * @param envelope as the device sent it; never changes
 * @param open the recipients that have neither got it nor refused it
 * @param size in bytes, as on the wire
 * @param expires when the sender is told that it could not be delivered
 * @param attempts so far
 * @param nextAttempt not before this time
 * @param lastReply why the last attempt failed, in one printable line; empty before it
 * @param held whether it waits for an operator
 */
public record OutgoingMessage(
    String id,
    MessageEnvelope envelope,
    List<String> open,
    long size,
    Instant accepted,
    Instant expires,
    int attempts,
    Instant nextAttempt,
    String lastReply,
    boolean held) {
  public OutgoingMessage {
    open = List.copyOf(open);
  }

  /** Messages with the same value leave one after the other. */
  public String queue() {
    return queue(envelope);
  }

  public static String queue(MessageEnvelope of) {
    return of.account().isEmpty() ? "listener " + of.listener() : "account " + of.account();
  }
}
