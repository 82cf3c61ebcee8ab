package org.tlsuplift.proxy.signin.guard;

import io.netty.buffer.ByteBuf;
import org.tlsuplift.proxy.signin.Permit;

/**
 * What a guard does with what comes from the device.
 *
 * <pre>
 * Commands ─ MAIL ─> AwaitingTurn ─ given ─> Commands
 *    │                    └ busy ─> AwaitingOrder ─ all before answered ─> Commands
 *    ├ refused ─> AwaitingOrder
 *    ├ DATA ─> AwaitingGoAhead ─ 354 ─> Data ─ CRLF.CRLF ─> Commands
 *    └ BDAT ─> Discarding ─> AwaitingOrder
 * any ─ cannot be told apart, or the device has gone ─> Deaf
 * </pre>
 */
sealed interface GuardState {
  /** Gives up what is waited for, if others wait too. */
  default void leave() {}

  /** Reads nothing; keeps or drops what comes. */
  sealed interface Waiting extends GuardState {}

  /** Reads lines. */
  record Commands() implements GuardState {}

  /** Keeps what comes while a MAIL stands in line. */
  record AwaitingTurn(Permit permit, String line) implements Waiting {
    @Override
    public void leave() {
      permit.end();
    }
  }

  /** Keeps what comes until the origin has answered all that came before our own reply. */
  record AwaitingOrder(String reply) implements Waiting {}

  /** Keeps what comes until it is known to be a message or not. */
  record AwaitingGoAhead() implements Waiting {}

  /** Passes a message on. */
  record Data() implements GuardState {}

  /** Drops the rest of a chunk. */
  record Discarding(long left, String reply) implements GuardState {
    /** Drops what belongs to the chunk; what is left of it then. */
    Discarding drop(ByteBuf bytes) {
      int part = (int) Math.min(left, bytes.readableBytes());
      bytes.skipBytes(part);
      return new Discarding(left - part, reply);
    }
  }

  /** Drops all. */
  record Deaf() implements Waiting {}
}
