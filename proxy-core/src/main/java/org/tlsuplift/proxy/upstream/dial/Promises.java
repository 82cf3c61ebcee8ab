package org.tlsuplift.proxy.upstream.dial;

import io.netty.util.concurrent.Future;
import io.netty.util.concurrent.Promise;
import java.util.function.Consumer;

/** Combines the futures of the steps to an origin, all on one event loop. */
public final class Promises {
  private Promises() {}

  /** Continues with the result of a step. Its failure fails the whole. */
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

  /** Undoes a step when the whole is cancelled. */
  public static void onCancel(Future<?> whole, Runnable undo) {
    whole.addListener(
        done -> {
          if (whole.isCancelled()) {
            undo.run();
          }
        });
  }
}
