package org.tlsuplift.proxy.mail.guard;

import io.netty.buffer.ByteBuf;
import org.tlsuplift.proxy.model.Permit;

/**
 * The states of a guard, by the bytes that it expects from the device.
 *
 * <pre>
 * Commands ─ MAIL ─> AwaitingPermit ─ given ─> Commands
 *    │                    └ busy ─> AwaitingOrder ─ earlier replies sent ─> Commands
 *    ├ refused ─> AwaitingOrder
 *    ├ undecidable ─> AwaitingReplies ─ earlier replies sent ─> Commands
 *    ├ AUTH ─> AwaitingChallenge ─ 334 ─> SignInLine ─> AwaitingChallenge ─ other ─> Commands
 *    ├ DATA ─> AwaitingGoAhead ─ 354 ─> Data ─ CRLF.CRLF ─> Commands
 *    ├ BDAT ─> Chunk ─> Commands
 *    └ refused BDAT ─> Discarding ─> AwaitingOrder
 * any ─ ambiguous input, or the device has gone ─> Ended
 * </pre>
 */
sealed interface GuardState {
  /** Ends the wait for a permit. */
  default void leave() {}

  /** Whether the device's next bytes wait for a reply of the origin. */
  default boolean needsOrigin() {
    return false;
  }

  /** Handles no bytes; keeps or drops those that arrive. */
  sealed interface Waiting extends GuardState {}

  /** Keeps the bytes that arrive until the origin replies. */
  sealed interface AwaitingOrigin extends Waiting {
    @Override
    default boolean needsOrigin() {
      return true;
    }
  }

  record Commands() implements GuardState {}

  /** Keeps the bytes that arrive while a MAIL waits for its permit. */
  record AwaitingPermit(Permit permit, Command.Mail mail) implements Waiting {
    @Override
    public void leave() {
      permit.end();
    }
  }

  /** Until the origin has replied to all commands before our reply. */
  record AwaitingOrder(String reply) implements AwaitingOrigin {}

  /** Until the origin has replied to all commands before one that depends on them. */
  record AwaitingReplies(Command next) implements AwaitingOrigin {}

  /** Until the origin has replied to DATA. */
  record AwaitingGoAhead() implements AwaitingOrigin {}

  /** Until the origin has replied to AUTH or to a line of the sign-in. */
  record AwaitingChallenge() implements AwaitingOrigin {}

  /** The next line belongs to the device's own sign-in. */
  record SignInLine() implements GuardState {}

  record Data() implements GuardState {}

  /** The bytes of a chunk pass. */
  record Chunk(long left) implements GuardState {}

  record Discarding(long left, String reply) implements GuardState {
    Discarding drop(ByteBuf bytes) {
      int part = (int) Math.min(left, bytes.readableBytes());
      bytes.skipBytes(part);
      return new Discarding(left - part, reply);
    }
  }

  record Ended() implements Waiting {}
}
