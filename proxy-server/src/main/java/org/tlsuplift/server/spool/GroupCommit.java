package org.tlsuplift.server.spool;

import java.sql.SQLException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.TimeUnit;
import org.tlsuplift.server.background.Threads;
import org.tlsuplift.server.inventory.jdbc.Sql;

/**
 * Commits all changes that wait in one transaction, so that many messages share one flush of the
 * disk. If it fails, each change gets a transaction of its own: one that fails takes no other
 * along.
 *
 * <p>So a change may run again, even after it was committed, and must have the same effect then.
 */
final class GroupCommit implements AutoCloseable {
  private static final int MOST_TOGETHER = 200;
  private static final Duration LAST = Duration.ofSeconds(5);

  /** Runs changes in one transaction. */
  interface Target {
    void commit(Sql.Change changes) throws SQLException;
  }

  private record Waiting<T>(Sql.Work<T> change, CompletableFuture<T> done) {
    /** Runs the change; the result reports it, after the commit. */
    Runnable run(Sql sql) throws SQLException {
      T result = change.run(sql);
      return () -> done.complete(result);
    }
  }

  private final Target target;
  private final ExecutorService threads;
  private final LinkedBlockingQueue<Waiting<?>> queue = new LinkedBlockingQueue<>();

  GroupCommit(Target target, int writers) {
    this.target = target;
    threads = Threads.upTo(writers, "uplift-spool");
  }

  /** Adds a change to the next transaction. Done after the commit, on a writing thread. */
  <T> CompletableFuture<T> submit(Sql.Work<T> change) {
    Waiting<T> waiting = new Waiting<>(change, new CompletableFuture<>());
    queue.add(waiting);
    try {
      threads.execute(this::commitAll);
    } catch (RejectedExecutionException closed) {
      if (queue.remove(waiting)) {
        waiting.done.completeExceptionally(new SQLException("the daemon stops"));
      }
    }
    return waiting.done;
  }

  private void commitAll() {
    List<Waiting<?>> batch = new ArrayList<>();
    while (queue.drainTo(batch, MOST_TOGETHER) > 0) {
      try {
        commit(batch);
      } catch (Throwable failed) {
        commitEach(batch, failed);
      }
      batch.clear();
    }
  }

  private void commit(List<Waiting<?>> batch) throws SQLException {
    List<Runnable> results = new ArrayList<>();
    target.commit(
        sql -> {
          for (Waiting<?> each : batch) {
            results.add(each.run(sql));
          }
        });
    results.forEach(Runnable::run);
  }

  private void commitEach(List<Waiting<?>> batch, Throwable why) {
    boolean away = isAway();
    Throwable last = why;
    for (Waiting<?> each : batch) {
      try {
        if (!away) {
          commit(List.of(each));
        }
      } catch (Throwable failed) {
        last = failed;
        away = isAway();
      }
      // Has no effect on those that were committed.
      each.done.completeExceptionally(last);
    }
  }

  private boolean isAway() {
    try {
      target.commit(sql -> sql.update("UPDATE spool_message SET held = held WHERE id = ''"));
      return false;
    } catch (SQLException | RuntimeException away) {
      return true;
    }
  }

  /** Commits what waits, within a time limit. */
  @Override
  public void close() {
    threads.shutdown();
    try {
      boolean unused = threads.awaitTermination(LAST.toMillis(), TimeUnit.MILLISECONDS);
    } catch (InterruptedException sooner) {
      Thread.currentThread().interrupt();
    }
  }
}
