package org.tlsuplift.proxy.signin.guard;

import io.netty.buffer.ByteBuf;
import org.tlsuplift.proxy.signin.Permit;

/**
 * What a guard does with what comes from the device.
 *
 * <pre>
 * Commands ─ MAIL ─> AwaitingPermit ─ given ─> Commands
 *    │                    └ busy ─> AwaitingOrder ─ all before answered ─> Commands
 *    ├ refused ─> AwaitingOrder
 *    ├ DATA ─> AwaitingGoAhead ─ 354 ─> Data ─ CRLF.CRLF ─> Commands
 *    └ BDAT ─> Discarding ─> AwaitingOrder
 * any ─ cannot be told apart, or the device has gone ─> Ended
 * </pre>
 */
sealed interface GuardState {
  /** Gives up the wait for a permit. */
  default void leave() {}

  /** Reads nothing; keeps or drops what arrives. */
  sealed interface Waiting extends GuardState {}

  record Commands() implements GuardState {}

  /** Keeps what arrives while a MAIL waits for its permit. */
  record AwaitingPermit(Permit permit, String line) implements Waiting {
    @Override
    public void leave() {
      permit.end();
    }
  }

  /** Keeps what arrives until the origin has answered all commands before our own reply. */
  record AwaitingOrder(String reply) implements Waiting {}

  /** Keeps what arrives until the origin has answered DATA. */
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
