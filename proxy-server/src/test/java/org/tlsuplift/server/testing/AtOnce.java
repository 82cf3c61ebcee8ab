package org.tlsuplift.server.testing;

import java.util.concurrent.CompletableFuture;
import java.util.function.Supplier;

/**
 * Work that must really happen at the same time, on a thread each.
 *
 * <p>The common pool has one thread on a machine of two processors, and since JDK 25 {@link
 * CompletableFuture} always waits for that one.
 */
public final class AtOnce {
  private AtOnce() {}

  public static CompletableFuture<Void> run(Runnable work) {
    return CompletableFuture.runAsync(work, AtOnce::thread);
  }

  public static <T> CompletableFuture<T> supply(Supplier<T> work) {
    return CompletableFuture.supplyAsync(work, AtOnce::thread);
  }

  private static void thread(Runnable work) {
    Thread thread = new Thread(work, "at once");
    thread.setDaemon(true);
    thread.start();
  }
}
