package org.tlsuplift.proxy.session;

import io.netty.util.concurrent.Future;
import java.util.function.Consumer;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;
import org.tlsuplift.proxy.upstream.mail.MailOrigin;

/**
 * The origin of a device in conversation: begun when something first needs it, waited for step by
 * step, and closed when nobody waits any more. Lives on the session's event loop.
 */
final class LazyMailOrigin {
  private final Supplier<MailOrigin> beginning;
  private @Nullable MailOrigin origin;
  private boolean abandoned;

  LazyMailOrigin(Supplier<MailOrigin> beginning) {
    this.beginning = beginning;
  }

  /** The origin, on its way at the latest from now on. */
  MailOrigin begun() {
    if (origin == null) {
      origin = beginning.get();
    }
    return origin;
  }

  /** Goes on when a step of it is done, unless it is abandoned by then. */
  <T> void whenDone(Future<T> step, Runnable next, Consumer<Throwable> failed) {
    step.addListener(
        done -> {
          if (abandoned) {
            return;
          }
          if (step.isSuccess()) {
            next.run();
          } else {
            failed.accept(step.cause());
          }
        });
  }

  /** Gives up, and closes what was opened. */
  void abandon() {
    abandoned = true;
    if (origin != null) {
      origin.close();
    }
  }
}
