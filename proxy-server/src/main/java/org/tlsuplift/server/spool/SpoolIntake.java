package org.tlsuplift.server.spool;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.ByteBufUtil;
import io.netty.buffer.Unpooled;
import io.netty.util.NetUtil;
import java.net.Inet6Address;
import java.nio.charset.StandardCharsets;
import java.sql.SQLException;
import java.time.Duration;
import java.time.Instant;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import org.jspecify.annotations.Nullable;
import org.tlsuplift.proxy.mail.MessageEnvelope;
import org.tlsuplift.proxy.spool.MessageSpool;
import org.tlsuplift.server.database.Sql;

/** Keeps messages of one listener. */
record SpoolIntake(
    JdbcSpoolStore store, boolean always, Duration keep, long maximumSize, String host)
    implements MessageSpool {
  SpoolIntake {
    host = named(host);
  }

  @Override
  public String closed() {
    return store.knownClosed();
  }

  @Override
  public Incoming begin(MessageEnvelope envelope, String protocol) {
    store.countAgain();
    Arrival arrival = new Arrival(envelope);
    if (!protocol.isEmpty()) {
      String line = received(arrival.id, envelope, host, protocol, store.clock.instant());
      var unused = arrival.add(Unpooled.copiedBuffer(line, StandardCharsets.US_ASCII));
    }
    return arrival;
  }

  /** The name of a machine as mail may have it. */
  static String named(String host) {
    return host.replaceAll("[^A-Za-z0-9.-]", "-");
  }

  /**
   * The line of trace of a message (RFC 5321 section 4.4).
   *
   * @param by the {@link #named name} of this machine
   */
  static String received(
      String id, MessageEnvelope of, String by, String protocol, Instant accepted) {
    return "Received: from [%s%s] by %s (TLS Uplift)\r\n\twith %s id %s; %s\r\n"
        .formatted(
            of.device() instanceof Inet6Address ? "IPv6:" : "",
            NetUtil.toAddressString(of.device()),
            by,
            protocol,
            id,
            StatusNotification.date(accepted));
  }

  /** Has two parts in memory at most: one that fills, and one that is written. */
  private final class Arrival implements Incoming {
    private final MessageEnvelope envelope;
    private final String id = store.newId();
    private final ByteBuf buffer = Unpooled.buffer(0);
    private int parts;
    private long size;
    private boolean keeping;
    private boolean ended;
    private CompletableFuture<?> written = CompletableFuture.completedFuture(null);
    private volatile @Nullable String refusal;
    private volatile boolean inserted;

    Arrival(MessageEnvelope envelope) {
      this.envelope = envelope;
      refusal = store.limits.begin(envelope);
      ended = refusal != null;
    }

    private void check() {
      if (refusal == null) {
        refusal = store.limits.refusal(envelope, maximumSize);
      }
      if (refusal != null) {
        end(true);
      }
    }

    private void end(boolean unwanted) {
      if (!ended) {
        ended = true;
        store.limits.arrive(envelope, -1, -size);
        if (unwanted && parts > 0) {
          var unused = store.writer.submit(sql -> store.deleteParts(sql, id));
        }
      }
    }

    @Override
    public CompletionStage<?> add(ByteBuf part) {
      CompletionStage<?> before = written;
      if (!ended) {
        store.limits.arrive(envelope, 0, part.readableBytes());
        size += part.readableBytes();
        check();
      }
      while (!ended && part.isReadable()) {
        int room = MessagePart.SIZE - buffer.readableBytes();
        if (room == 0) {
          // Not before more follows, because the last part is marked.
          write(parts++, ByteBufUtil.getBytes(buffer));
          buffer.clear();
        } else {
          buffer.writeBytes(part, Math.min(room, part.readableBytes()));
        }
      }
      part.release();
      return before;
    }

    private void write(int number, byte[] full) {
      String text = JdbcSpoolStore.text(envelope);
      MessagePart part = new MessagePart(id, text, number, MessagePart.MORE);
      CompletableFuture<Integer> next =
          store.writer.submit(sql -> insert(sql, part, full)).exceptionally(this::failed);
      written = CompletableFuture.allOf(written, next);
    }

    private int insert(Sql sql, MessagePart part, byte[] data) throws SQLException {
      store.requireOpen(sql);
      return store.insertPart(sql, part, data);
    }

    private int failed(Throwable why) {
      refusal = store.refusal(why);
      return 0;
    }

    @Override
    public CompletionStage<Result> keep() {
      keeping = true;
      check();
      return written.thenCompose(done -> store.writer.submit(this::insert)).handle(this::kept);
    }

    /** Returns the reply if the message is refused, otherwise an empty text. */
    private String insert(Sql sql) throws SQLException {
      // The limits are unknown until the database was there for the first time.
      String refused = refusal == null ? store.limits.refusal(envelope, maximumSize) : refusal;
      if (refused != null) {
        return refused;
      }
      MessagePart last = new MessagePart(id, JdbcSpoolStore.text(envelope), parts, size);
      insert(sql, last, ByteBufUtil.getBytes(buffer));
      store.insert(sql, id, envelope, parts + 1, size, keep);
      inserted = true;
      return "";
    }

    private Result kept(@Nullable String refused, @Nullable Throwable failed) {
      String reply = failed == null ? refused : store.refusal(failed);
      boolean kept = reply != null && reply.isEmpty();
      if (kept) {
        store.limits.wait(envelope, 1, size);
      } else {
        store.refused.increment();
        if (inserted) {
          store.unwanted.put(id, store.clock.millis());
        }
      }
      end(!kept);
      return kept ? new Result.Kept(id) : new Result.Refused(String.valueOf(reply));
    }

    @Override
    public void discard() {
      if (!keeping) {
        end(true);
      }
    }
  }
}
