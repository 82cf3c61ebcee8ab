package org.tlsuplift.proxy.signin.limits;

import java.net.InetAddress;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.Future;
import org.jspecify.annotations.Nullable;
import org.tlsuplift.proxy.signin.Permit;
import org.tlsuplift.proxy.signin.PermitResult;
import org.tlsuplift.proxy.signin.limits.MailboxObserver.Line;

/** Somebody who waits for a turn at a mailbox, and then has it. */
final class Waiter implements Permit {
  /** From the line to the end; guarded by the keeper's lock. */
  enum State {
    WAITING,
    HAS_TURN,
    OVER
  }

  final Mailbox mailbox;
  final Line line;

  /** What counts as one device. */
  final InetAddress device;

  final long since;
  State state = State.WAITING;

  /** The end of patience, while it waits. */
  @Nullable Future<?> patience;

  private final MailboxLimiter keeper;
  private final CompletableFuture<PermitResult> answer = new CompletableFuture<>();

  Waiter(MailboxLimiter keeper, Mailbox mailbox, Line line, InetAddress device, long since) {
    this.keeper = keeper;
    this.mailbox = mailbox;
    this.line = line;
    this.device = device;
    this.since = since;
  }

  @Override
  public CompletionStage<PermitResult> answer() {
    return answer.minimalCompletionStage();
  }

  @Override
  public void end() {
    keeper.end(this);
  }

  /** Without the keeper's lock: whoever is told may do anything. */
  void tell(PermitResult news) {
    answer.complete(news);
  }
}
