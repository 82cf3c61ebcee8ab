package org.tlsuplift.server.cluster;

import java.time.Duration;
import java.util.UUID;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.ThreadLocalRandom;
import java.util.function.IntSupplier;
import org.jspecify.annotations.Nullable;
import org.tlsuplift.proxy.model.Permit;
import org.tlsuplift.proxy.model.PermitResult;

/** A session of a mailbox over all instances, after a turn at this one. Thread-safe. */
final class SharedSession implements Permit {
  /** Between two questions; at most three devices of a mailbox ask at each instance. */
  private static final int SHORTEST_PAUSE = 150;

  private static final int LONGEST_PAUSE = 350;

  private final Permit own;
  private final String mailbox;
  private final Instances instances;
  private final Duration timeout;
  private final IntSupplier limit;
  private final long since = System.nanoTime();
  private final CompletableFuture<PermitResult> answer = new CompletableFuture<>();
  private @Nullable UUID session;
  private boolean ended;

  SharedSession(
      Permit own, String mailbox, Instances instances, Duration timeout, IntSupplier limit) {
    this.own = own;
    this.mailbox = mailbox;
    this.instances = instances;
    this.timeout = timeout;
    this.limit = limit;
    var unused = own.answer().thenAccept(this::onPermit);
  }

  private void onPermit(PermitResult result) {
    if (result instanceof PermitResult.Given) {
      instances.schedule(this::ask, Duration.ZERO);
    } else {
      answer.complete(result);
    }
  }

  private void ask() {
    int all = limit.getAsInt();
    boolean taken;
    synchronized (this) {
      if (ended) {
        return;
      }
      session = instances.takeSession(mailbox, all);
      taken = session != null;
    }
    if (taken) {
      answer.complete(new PermitResult.Given());
    } else if (System.nanoTime() - since >= timeout.toNanos()) {
      own.end();
      answer.complete(
          new PermitResult.Busy(
              "this mailbox already has its %s sessions at all instances, and none was free within %s s"
                  .formatted(all, timeout.toSeconds())));
    } else {
      int pause = ThreadLocalRandom.current().nextInt(SHORTEST_PAUSE, LONGEST_PAUSE);
      instances.schedule(this::ask, Duration.ofMillis(pause));
    }
  }

  @Override
  public CompletionStage<PermitResult> answer() {
    return answer.minimalCompletionStage();
  }

  @Override
  public void end() {
    instances.schedule(this::giveBack, Duration.ZERO);
  }

  /** After a question that is under way, so that its session is given back too. */
  private void giveBack() {
    @Nullable UUID taken;
    synchronized (this) {
      if (ended) {
        return;
      }
      ended = true;
      taken = session;
    }
    if (taken != null) {
      instances.endSession(taken);
    }
    own.end();
  }
}
