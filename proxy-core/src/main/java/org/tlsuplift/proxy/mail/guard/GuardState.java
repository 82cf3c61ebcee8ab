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
 *    ├ DATA ─> AwaitingGoAhead ─ 354 ─> Data ─ CRLF.CRLF ─> Commands
 *    └ BDAT ─> Discarding ─> AwaitingOrder
 * any ─ ambiguous input, or the device has gone ─> Ended
 * </pre>
 */
sealed interface GuardState {
  /** Ends the wait for a permit. */
  default void leave() {}

  /** Handles no bytes; keeps or drops those that arrive. */
  sealed interface Waiting extends GuardState {}

  record Commands() implements GuardState {}

  /** Keeps the bytes that arrive while a MAIL waits for its permit. */
  record AwaitingPermit(Permit permit, String line) implements Waiting {
    @Override
    public void leave() {
      permit.end();
    }
  }

  /** Keeps the bytes that arrive until the origin has replied to all commands before our reply. */
  record AwaitingOrder(String reply) implements Waiting {}

  /** Keeps the bytes that arrive until the origin has replied to DATA. */
  record AwaitingGoAhead() implements Waiting {}

  record Data() implements GuardState {}

  record Discarding(long left, String reply) implements GuardState {
    Discarding drop(ByteBuf bytes) {
      int part = (int) Math.min(left, bytes.readableBytes());
      bytes.skipBytes(part);
      return new Discarding(left - part, reply);
    }
  }

  record Ended() implements Waiting {}
}
