package org.tlsuplift.proxy.mail.guard;

/** The state of a guard after an event. Stateless. */
final class NextState {
  static final GuardState COMMANDS = new GuardState.Commands();
  static final GuardState DATA = new GuardState.Data();
  static final GuardState ENDED = new GuardState.Ended();

  private NextState() {}

  /** Returns the state after the reply to DATA. */
  static GuardState afterData(String reply) {
    return reply.startsWith("354") ? DATA : COMMANDS;
  }

  /** Returns the state after the reply to AUTH or to a line of the sign-in. */
  static GuardState afterSignIn(String reply) {
    return reply.startsWith("334") ? new GuardState.SignInLine() : COMMANDS;
  }

  /** Returns the state in a chunk of which so many bytes have yet to come. */
  static GuardState inChunk(long left) {
    return left == 0 ? COMMANDS : new GuardState.Chunk(left);
  }
}
