package org.tlsuplift.proxy.signin.limits;

import java.net.InetAddress;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.Future;
import org.jspecify.annotations.Nullable;
import org.tlsuplift.proxy.signin.Permit;
import org.tlsuplift.proxy.signin.PermitResult;
import org.tlsuplift.proxy.signin.limits.MailboxObserver.Line;

/** A request for a permit: waits in a queue, and then has the permit. */
final class Waiter implements Permit {
  /** Guarded by the limiter's lock. */
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

  /** Ends the wait. */
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

  /** Without the limiter's lock: the callback may do anything. */
  void tell(PermitResult news) {
    answer.complete(news);
  }
}
