package org.tlsuplift.proxy.signin.limits;

import java.net.InetAddress;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.Future;
import org.jspecify.annotations.Nullable;
import org.tlsuplift.proxy.model.Permit;
import org.tlsuplift.proxy.model.PermitResult;
import org.tlsuplift.proxy.signin.limits.MailboxObserver.Queue;

/** A request for a permit. It waits in a queue until the permit is granted or refused. */
final class Waiter implements Permit {
  /** Guarded by the limiter's lock. */
  enum State {
    WAITING,
    GRANTED,
    OVER
  }

  final Mailbox mailbox;
  final Queue queue;

  /** The address that counts as one device. */
  final InetAddress device;

  final long since;
  State state = State.WAITING;

  @Nullable Future<?> timeout;

  private final MailboxLimiter limiter;
  private final CompletableFuture<PermitResult> answer = new CompletableFuture<>();

  Waiter(MailboxLimiter limiter, Mailbox mailbox, Queue queue, InetAddress device, long since) {
    this.limiter = limiter;
    this.mailbox = mailbox;
    this.queue = queue;
    this.device = device;
    this.since = since;
  }

  @Override
  public CompletionStage<PermitResult> answer() {
    return answer.minimalCompletionStage();
  }

  @Override
  public void end() {
    limiter.end(this);
  }

  /** Call without the limiter's lock, because the callback may do anything. */
  void complete(PermitResult result) {
    answer.complete(result);
  }
}
