package org.tlsuplift.server.spool;

import java.sql.SQLException;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.LinkedBlockingQueue;
import org.tlsuplift.server.background.Threads;
import org.tlsuplift.server.database.Sql;
import org.tlsuplift.server.database.SqlConsumer;

/**
 * Commits all changes that wait in one transaction, so that many messages share one flush of the
 * disk. If it fails, each change gets a transaction of its own: one that fails takes no other
 * along.
 *
 * <p>So a change may run again, even after it was committed, and must have the same effect then.
 */
final class GroupCommit {
  private static final int MOST_TOGETHER = 200;

  private record Waiting<T>(Sql.Work<T> change, CompletableFuture<T> done) {
    /** Runs the change; the result reports it, after the commit. */
    Runnable run(Sql sql) throws SQLException {
      T result = change.run(sql);
      return () -> done.complete(result);
    }
  }

  private final SqlConsumer<Sql.Change> transaction;
  private final ExecutorService threads;
  private volatile boolean used;

  /** Has at most one change of each message that arrives, and of each thread that waits. */
  private final LinkedBlockingQueue<Waiting<?>> queue = new LinkedBlockingQueue<>();

  /**
   * @param transaction runs changes in one
   */
  GroupCommit(SqlConsumer<Sql.Change> transaction, int writers) {
    this.transaction = transaction;
    threads = Threads.upTo(writers, "uplift-spool");
  }

  /** Adds a change to the next transaction. Done after the commit, on a writing thread. */
  <T> CompletableFuture<T> submit(Sql.Work<T> change) {
    used = true;
    CompletableFuture<T> done = new CompletableFuture<>();
    queue.add(new Waiting<>(change, done));
    threads.execute(this::commitAll);
    return done;
  }

  /** Whether there has been any change. */
  boolean isUsed() {
    return used;
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
    transaction.accept(
        sql -> {
          for (Waiting<?> each : batch) {
            results.add(each.run(sql));
          }
        });
    results.forEach(Runnable::run);
  }

  private void commitEach(List<Waiting<?>> batch, Throwable why) {
    boolean unreachable = isUnreachable();
    for (Waiting<?> each : batch) {
      try {
        if (!unreachable) {
          commit(List.of(each));
        }
      } catch (Throwable failed) {
        each.done.completeExceptionally(failed);
        unreachable = isUnreachable();
      }
      // Has no effect on those that are done.
      each.done.completeExceptionally(why);
    }
  }

  private boolean isUnreachable() {
    try {
      transaction.accept(sql -> sql.update("UPDATE spool_message SET held = 0 WHERE id = ''"));
      return false;
    } catch (SQLException | RuntimeException unreachable) {
      return true;
    }
  }
}
