package org.tlsuplift.proxy.spool;

import io.netty.buffer.ByteBuf;
import java.util.concurrent.CompletionStage;
import org.tlsuplift.proxy.mail.MessageEnvelope;

/**
 * Keeps the messages of one listener until they are delivered (RFC 5321, section 6.1). Thread-safe;
 * no method blocks.
 */
public interface MessageSpool {
  /** Whether each message is kept, or only what the origin does not take now. */
  boolean always();

  /** Why no message is kept now, such as a full disk; otherwise empty. */
  String closed();

  /**
   * Starts to keep a message, whose data follows.
   *
   * @param protocol for its {@code Received} line, such as {@code ESMTPS} (RFC 3848); empty if it
   *     gets that line at its delivery
   */
  Incoming begin(MessageEnvelope envelope, String protocol);

  /** A message that arrives. For one thread at a time. */
  interface Incoming {
    /**
     * Hands over the next bytes of the data and releases them. They are as on the wire: with
     * doubled dots (RFC 5321, section 4.5.2), without the line that ends the data.
     *
     * @return done when the next bytes may follow, on any thread; never fails
     */
    CompletionStage<?> add(ByteBuf part);

    /**
     * Keeps the message.
     *
     * @return done when the message and its envelope are on the disk, or will not be; on any
     *     thread; never fails
     */
    CompletionStage<Result> keep();

    /** Drops what was handed over. Has no effect after {@link #keep}. */
    void discard();
  }

  /** Whether a message is kept. */
  sealed interface Result {
    record Kept(String id) implements Result {}

    /**
     * The message is not kept.
     *
     * @param reply for the device, such as {@code 452 4.3.1 ...}, without CRLF
     */
    record Refused(String reply) implements Result {}
  }
}
