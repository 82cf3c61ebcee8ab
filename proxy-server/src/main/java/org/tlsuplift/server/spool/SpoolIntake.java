package org.tlsuplift.server.spool;

import io.netty.buffer.ByteBuf;
import java.sql.SQLException;
import java.time.Duration;
import java.util.Arrays;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import org.jspecify.annotations.Nullable;
import org.tlsuplift.proxy.mail.MessageSpool;
import org.tlsuplift.server.inventory.jdbc.Sql;

/** Keeps messages of one listener. */
record SpoolIntake(
    JdbcSpoolStore store, SpoolLimits limits, boolean always, Duration keep, long maximumSize)
    implements MessageSpool {
  /** Less than the age at which parts without a message are deleted. */
  private static final Duration LONGEST_ARRIVAL = Duration.ofMinutes(45);

  private static final byte[] EMPTY = {};

  @Override
  public Incoming begin(Envelope envelope) {
    store.countAgain();
    Arrival arrival = new Arrival(envelope);
    limits.arrive(envelope, 1, 0);
    arrival.check();
    return arrival;
  }

  /** Has two parts in memory at most: one that fills, and one that is written. */
  private final class Arrival implements Incoming {
    private final Envelope envelope;
    private final long begun = store.now();
    private final MessageKey key = MessageKey.create(begun);
    private byte[] buffer = EMPTY;
    private int used;
    private int parts;
    private long size;
    private boolean keeping;
    private boolean ended;
    private CompletableFuture<?> written = CompletableFuture.completedFuture(null);
    private volatile @Nullable String refusal;
    private volatile boolean inserted;

    Arrival(Envelope envelope) {
      this.envelope = envelope;
    }

    private void check() {
      if (refusal == null) {
        refusal =
            store.now() - begun > LONGEST_ARRIVAL.toMillis()
                ? "451 4.4.2 The message took too long to arrive; send it again"
                : limits.refusal(envelope, maximumSize);
      }
      if (refusal != null) {
        end(true);
      }
    }

    private void end(boolean unwanted) {
      if (!ended) {
        ended = true;
        buffer = EMPTY;
        limits.arrive(envelope, -1, -size);
        if (unwanted && parts > 0) {
          var unused = store.submit(sql -> store.deleteParts(sql, key.id()));
        }
      }
    }

    @Override
    public CompletionStage<?> add(ByteBuf part) {
      CompletionStage<?> before = written;
      if (!ended) {
        limits.arrive(envelope, 0, part.readableBytes());
        size += part.readableBytes();
        check();
      }
      while (!ended && part.isReadable()) {
        if (used == MessageKey.PART) {
          // Not before more follows, because the last part is marked.
          write(buffer, parts++);
          used = 0;
          buffer = EMPTY;
        }
        int added = Math.min(MessageKey.PART - used, part.readableBytes());
        if (buffer.length < used + added) {
          buffer = Arrays.copyOf(buffer, Math.min(MessageKey.PART, 2 * used + added));
        }
        part.readBytes(buffer, used, added);
        used += added;
      }
      part.release();
      return before;
    }

    private void write(byte[] full, int number) {
      CompletableFuture<?> next =
          store
              .submit(sql -> store.insertPart(sql, key, number, false, full))
              .exceptionally(
                  failed -> {
                    refusal = store.refusal(failed);
                    return 0;
                  });
      written = CompletableFuture.allOf(written, next);
    }

    @Override
    public CompletionStage<Result> keep() {
      keeping = true;
      check();
      return written.thenCompose(done -> store.submit(this::insert)).handle(this::kept);
    }

    /** Returns the reply if the message is refused, otherwise an empty text. */
    private String insert(Sql sql) throws SQLException {
      // The limits are unknown until the database was there for the first time.
      String refused = refusal == null ? limits.refusal(envelope, maximumSize) : refusal;
      if (refused != null) {
        return refused;
      }
      store.insertPart(sql, key, parts, true, Arrays.copyOf(buffer, used));
      store.insert(sql, key, envelope, size, keep);
      inserted = true;
      return "";
    }

    private Result kept(@Nullable String refused, @Nullable Throwable failed) {
      if (failed == null && refused != null && refused.isEmpty()) {
        limits.wait(envelope, 1, size);
        end(false);
        store.works();
        return new Result.Kept(key.id());
      }
      if (inserted) {
        store.dropLater(key.id());
      }
      end(true);
      return new Result.Refused(failed == null ? refused : store.refusal(failed));
    }

    @Override
    public void discard() {
      if (!keeping) {
        end(true);
      }
    }
  }
}
