package org.tlsuplift.proxy.testing;

import io.netty.buffer.ByteBuf;
import java.io.ByteArrayOutputStream;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicLong;
import org.jspecify.annotations.Nullable;
import org.tlsuplift.proxy.mail.MessageEnvelope;
import org.tlsuplift.proxy.spool.MessageSpool;

/** Keeps messages in memory, and completes its stages on other threads. */
public final class MemorySpool implements MessageSpool {
  /** A message that was kept. */
  public record Message(MessageEnvelope envelope, String protocol, String data) {}

  public final List<Message> kept = new CopyOnWriteArrayList<>();

  /** The number of messages that were dropped before their end. */
  public final AtomicInteger discarded = new AtomicInteger();

  /** The bytes that were handed over. */
  public final AtomicLong bytes = new AtomicLong();

  /** Delays the stages of pieces and messages, if not null. */
  public volatile CompletableFuture<?> gate = CompletableFuture.completedFuture(null);

  /** The reply in place of keeping a message, or null. */
  public volatile @Nullable String refusal;

  private final boolean always;

  public MemorySpool(boolean always) {
    this.always = always;
  }

  @Override
  public boolean always() {
    return always;
  }

  @Override
  public String closed() {
    return refusal == null ? "" : "no space left on the disk";
  }

  @Override
  public Incoming begin(MessageEnvelope envelope, String protocol) {
    ByteArrayOutputStream data = new ByteArrayOutputStream();
    return new Incoming() {
      private boolean over;

      @Override
      public CompletionStage<?> add(ByteBuf part) {
        byte[] read = new byte[part.readableBytes()];
        part.readBytes(read);
        part.release();
        data.writeBytes(read);
        bytes.addAndGet(read.length);
        return gate.thenApplyAsync(open -> open);
      }

      @Override
      public CompletionStage<Result> keep() {
        end();
        String instead = refusal;
        return gate.thenApplyAsync(
            open -> {
              if (instead != null) {
                return new Result.Refused(instead);
              }
              kept.add(new Message(envelope, protocol, data.toString(StandardCharsets.ISO_8859_1)));
              return new Result.Kept("m" + kept.size());
            });
      }

      @Override
      public void discard() {
        end();
        discarded.incrementAndGet();
      }

      private void end() {
        if (over) {
          throw new IllegalStateException("the message has ended twice");
        }
        over = true;
      }
    };
  }
}
