package org.tlsuplift.proxy.upstream.dial;

import io.netty.util.concurrent.Future;
import io.netty.util.concurrent.Promise;
import java.util.function.Consumer;

/** Chains the futures of connection steps. All run on one event loop. */
public final class Promises {
  private Promises() {}

  /** Passes the step's result to {@code next}. If the step fails, {@code whole} fails. */
  public static <T> void then(Future<T> step, Promise<?> whole, Consumer<T> next) {
    step.addListener(
        done -> {
          if (step.isSuccess()) {
            next.accept(step.getNow());
          } else {
            whole.tryFailure(step.cause());
          }
        });
  }

  /** Runs {@code undo} when {@code whole} is cancelled. */
  public static void onCancel(Future<?> whole, Runnable undo) {
    whole.addListener(
        done -> {
          if (whole.isCancelled()) {
            undo.run();
          }
        });
  }
}
