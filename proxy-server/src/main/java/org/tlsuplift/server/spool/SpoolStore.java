package org.tlsuplift.server.spool;

import java.io.InputStream;
import java.time.Duration;
import java.time.Instant;
import java.util.Collection;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import org.jspecify.annotations.Nullable;
import org.tlsuplift.proxy.mail.MessageEnvelope;
import org.tlsuplift.proxy.spool.MessageSpool;
import org.tlsuplift.server.mail.OutgoingMessage;

/**
 * The messages that wait, of all instances that share it. Each is encrypted with a key of its own,
 * which is bound to its id and envelope.
 *
 * <p>Thread-safe. All methods but {@link #intake} block, and throw a {@link SpoolException} if the
 * database fails.
 */
public interface SpoolStore extends AutoCloseable {
  /** How long a claimed message belongs to its instance, unless it is renewed or ended. */
  Duration LEASE = Duration.ofMinutes(1);

  /**
   * What a listener keeps messages in.
   *
   * @param keep how long a message waits at most
   * @param maximumSize of all that waits, in bytes
   * @param host the name of this machine
   */
  MessageSpool intake(boolean always, Duration keep, long maximumSize, String host);

  /**
   * Claims the oldest due message of each account (each listener, for messages without one) that
   * has none claimed by a living instance. A message that is due may wait behind an older one of
   * its account only while that one is claimed.
   *
   * @param most the maximum number
   * @param paused queues of which only messages that have expired are claimed
   */
  List<OutgoingMessage> claim(int most, Set<String> paused) throws SpoolException;

  /**
   * Extends the leases of messages that this instance has claimed. Returns those whose attempts
   * must go on: the others were deleted, held or claimed by another instance.
   */
  Set<String> renew(Collection<String> ids) throws SpoolException;

  /**
   * The data of a message, as on the wire. Reading it throws a {@link SpoolException} if the
   * database fails or the message is damaged.
   */
  InputStream content(OutgoingMessage message) throws SpoolException;

  /**
   * Ends the claim of a message that still waits.
   *
   * @param open the recipients that are left, at least one
   * @return false if the claim was lost; nothing has changed then
   */
  boolean postpone(
      OutgoingMessage message, List<String> open, Instant nextAttempt, String lastReply)
      throws SpoolException;

  /**
   * Ends a claimed message: it was delivered, or is replaced by a notification, in one transaction.
   *
   * @return false if the claim was lost; nothing has changed then
   */
  boolean finish(OutgoingMessage message, @Nullable Notice notice) throws SpoolException;

  /**
   * A message of this program itself, which waits like others.
   *
   * @param data as on the wire
   */
  @SuppressWarnings("ArrayRecordComponent") // Never compared.
  record Notice(MessageEnvelope envelope, byte[] data, Duration keep) {}

  /** The oldest messages that wait. */
  List<OutgoingMessage> list(int most) throws SpoolException;

  Optional<OutgoingMessage> find(String id) throws SpoolException;

  /**
   * Changes a message.
   *
   * @return whether a living instance has claimed it; empty if it does not wait
   */
  Optional<Boolean> change(String id, SpoolChange change) throws SpoolException;

  /** Makes all messages due now that are not held. Returns their number. */
  int retryAll() throws SpoolException;

  /** Why new messages are refused now, such as by a full disk; empty if they are kept. */
  String closed() throws SpoolException;

  /** The number of messages that this instance did not keep since its start. Never blocks. */
  long refused();

  /** The number of messages at the last call of {@link #totals}. Never blocks. */
  long counted();

  /** What waits at the moment. */
  Totals totals() throws SpoolException;

  /**
   * What waits, held messages included.
   *
   * @param oldest the time of the oldest message; null without one
   */
  record Totals(long messages, long bytes, long held, @Nullable Instant oldest) {}

  @Override
  void close();
}
