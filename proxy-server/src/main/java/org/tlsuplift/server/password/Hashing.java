package org.tlsuplift.server.password;

import java.util.Arrays;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ArrayBlockingQueue;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.ThreadPoolExecutor;
import java.util.concurrent.TimeUnit;

/**
 * Compares passwords on threads of its own: at most two at a time, 100 in wait, and none for longer
 * than 10 seconds. Whoever asks the same as somebody who is being answered gets that answer.
 * Thread-safe.
 */
public final class Hashing implements AutoCloseable {
  private static final int MAX_WAITING = 100;
  private static final int MAX_THREADS = 2;
  private static final int MAX_WAIT_SECONDS = 10;

  private final ThreadPoolExecutor threads;
  private final Map<ProvenPasswords.Digest, CompletableFuture<Boolean>> underWay =
      new ConcurrentHashMap<>();

  /**
   * Makes the threads when they are needed.
   *
   * @param name of the threads
   */
  public Hashing(String name) {
    int number = Math.min(MAX_THREADS, Math.max(1, Runtime.getRuntime().availableProcessors() / 2));
    threads =
        new ThreadPoolExecutor(
            number,
            number,
            30,
            TimeUnit.SECONDS,
            new ArrayBlockingQueue<>(MAX_WAITING),
            task -> {
              Thread thread = new Thread(task, name);
              thread.setDaemon(true);
              return thread;
            });
    threads.allowCoreThreadTimeOut(true);
  }

  /**
   * Compares a copy of the characters, which is wiped.
   *
   * @return empty when too many wait; else it may fail, when it takes too long or this is closed
   */
  public Optional<CompletableFuture<Boolean>> matches(
      ProvenPasswords.Digest digest, PasswordHash hash, char[] password) {
    CompletableFuture<Boolean> mine = new CompletableFuture<>();
    CompletableFuture<Boolean> others = underWay.putIfAbsent(digest, mine);
    if (others != null) {
      return Optional.of(bounded(others));
    }
    char[] copy = password.clone();
    var unused = mine.whenComplete((matches, fault) -> underWay.remove(digest, mine));
    try {
      threads.execute(() -> compare(hash, copy, mine));
      return Optional.of(bounded(mine));
    } catch (RejectedExecutionException full) {
      Arrays.fill(copy, '\0');
      // Whoever has joined meanwhile is told the same.
      mine.cancel(false);
      return Optional.empty();
    }
  }

  private static CompletableFuture<Boolean> bounded(CompletableFuture<Boolean> answer) {
    return answer.copy().orTimeout(MAX_WAIT_SECONDS, TimeUnit.SECONDS);
  }

  private static void compare(
      PasswordHash hash, char[] password, CompletableFuture<Boolean> answer) {
    try {
      answer.complete(hash.matches(password));
    } catch (RuntimeException | OutOfMemoryError fault) {
      answer.completeExceptionally(fault);
    } finally {
      Arrays.fill(password, '\0');
    }
  }

  @Override
  public void close() {
    threads.shutdownNow();
    underWay.values().forEach(waiting -> waiting.cancel(false));
  }
}
