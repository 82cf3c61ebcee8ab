package org.tlsuplift.server.cluster;

import java.time.Duration;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import org.tlsuplift.proxy.model.Permit;
import org.tlsuplift.proxy.model.PermitResult;

/** A message of a mailbox over all instances, after one of this instance. Thread-safe. */
final class SharedMessage implements Permit {
  private final Permit own;
  private final String mailbox;
  private final Instances instances;
  private final Duration timeout;
  private final int limit;
  private final long since = System.nanoTime();
  private final CompletableFuture<PermitResult> answer = new CompletableFuture<>();
  private volatile boolean ended;

  SharedMessage(
      Permit own, String mailbox, Instances instances, Duration timeout, int messagesPerMinute) {
    this.own = own;
    this.mailbox = mailbox;
    this.instances = instances;
    this.timeout = timeout;
    this.limit = messagesPerMinute;
    var unused =
        own.answer()
            .thenAccept(
                result -> {
                  if (result instanceof PermitResult.Given) {
                    ask();
                  } else {
                    answer.complete(result);
                  }
                });
  }

  private void ask() {
    if (!ended) {
      var unused = instances.takeMessage(mailbox, limit).thenAccept(this::onWait);
    }
  }

  private void onWait(Duration wait) {
    Duration waited = Duration.ofNanos(System.nanoTime() - since);
    if (wait.isZero()) {
      answer.complete(new PermitResult.Given());
    } else if (waited.plus(wait).compareTo(timeout) > 0) {
      answer.complete(
          new PermitResult.Busy(
              "this mailbox has sent its %s messages per minute at all instances, and the next one is allowed in %s s"
                  .formatted(limit, wait.toSeconds() + 1)));
    } else {
      instances.schedule(this::ask, wait);
    }
  }

  @Override
  public CompletionStage<PermitResult> answer() {
    return answer.minimalCompletionStage();
  }

  @Override
  public void end() {
    ended = true;
    own.end();
  }
}
