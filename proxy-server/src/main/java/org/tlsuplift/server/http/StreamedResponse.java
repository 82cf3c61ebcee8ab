package org.tlsuplift.server.http;

import io.netty.buffer.Unpooled;
import io.netty.channel.ChannelFutureListener;
import io.netty.channel.ChannelHandlerContext;
import io.netty.handler.codec.http.DefaultHttpContent;
import io.netty.handler.codec.http.HttpResponse;
import io.netty.handler.codec.http.LastHttpContent;
import io.netty.util.concurrent.Future;
import io.netty.util.concurrent.Promise;
import java.io.BufferedOutputStream;
import java.io.IOException;
import java.io.InterruptedIOException;
import java.io.OutputStream;
import java.nio.channels.ClosedChannelException;
import java.util.Arrays;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.Semaphore;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;

/**
 * Sends content while it is written, no faster than it is read. It is written on a thread that may
 * block; all other methods must be called on the connection's event loop.
 */
final class StreamedResponse {
  private static final int PIECE = 8192;

  /** The pieces that are written and not sent yet. */
  private static final int PIECES_UNDER_WAY = 16;

  private final ChannelHandlerContext context;
  private final HttpResponse head;
  private final ResponseBody.Writing writing;
  private final AdminLimits limits;
  private final Semaphore room = new Semaphore(PIECES_UNDER_WAY);
  private final Promise<Void> end;
  private boolean begun;

  /**
   * A response that is not begun yet.
   *
   * @param head is sent with the first piece of the content
   * @param limits how long it may take until the first piece, and how long a piece may stay unread
   */
  StreamedResponse(
      ChannelHandlerContext context,
      HttpResponse head,
      ResponseBody.Writing writing,
      AdminLimits limits) {
    this.context = context;
    this.head = head;
    this.writing = writing;
    this.limits = limits;
    this.end = context.executor().newPromise();
  }

  /**
   * Begins.
   *
   * @param streams where the content is written
   * @return succeeds when everything is sent; fails if the content or the connection fails, or
   *     nothing is written in time
   */
  Future<Void> start(AdminThreads.Pool streams) {
    try {
      java.util.concurrent.Future<?> writer = streams.start(this::write);
      Future<?> late =
          context
              .executor()
              .schedule(
                  () -> begun || end.tryFailure(new TimeoutException()),
                  limits.begin().toMillis(),
                  TimeUnit.MILLISECONDS);
      end.addListener(
          ended -> {
            late.cancel(false);
            writer.cancel(true);
          });
    } catch (RejectedExecutionException full) {
      end.setFailure(full);
    }
    return end;
  }

  /** Whether a part of the response was sent. */
  boolean hasBegun() {
    return begun;
  }

  /** Tells the writer that the reader has gone. */
  void stop() {
    end.tryFailure(new ClosedChannelException());
  }

  private void write() {
    FullPieces out = new FullPieces(new Pieces());
    try {
      writing.writeTo(out);
      out.sendTheRest();
      context.executor().execute(this::finish);
    } catch (Throwable failed) {
      // After the pieces that wait for the event loop.
      context.executor().execute(() -> end.tryFailure(failed));
    }
  }

  private void send(byte[] piece) {
    if (end.isDone()) {
      return;
    }
    begin();
    context
        .writeAndFlush(new DefaultHttpContent(Unpooled.wrappedBuffer(piece)))
        .addListener(sent -> room.release());
  }

  private void finish() {
    if (end.isDone()) {
      return;
    }
    begin();
    context
        .writeAndFlush(LastHttpContent.EMPTY_LAST_CONTENT)
        .addListener(
            (ChannelFutureListener)
                sent -> {
                  if (sent.isSuccess()) {
                    end.trySuccess(null);
                  } else {
                    end.tryFailure(sent.cause());
                  }
                });
  }

  private void begin() {
    if (!begun) {
      begun = true;
      var unused = context.write(head);
    }
  }

  /**
   * Sends full pieces only, until the end. A writer that closes its output after a failure would
   * otherwise send the start of content that has no end.
   */
  private static final class FullPieces extends BufferedOutputStream {
    FullPieces(OutputStream pieces) {
      super(pieces, PIECE);
    }

    @Override
    public void flush() {}

    @Override
    public void close() {}

    void sendTheRest() throws IOException {
      super.flush();
    }
  }

  /** Passes pieces to the event loop, and waits while too many are under way. */
  private final class Pieces extends OutputStream {
    @Override
    public void write(int single) throws IOException {
      write(new byte[] {(byte) single}, 0, 1);
    }

    @Override
    public void write(byte[] bytes, int offset, int length) throws IOException {
      for (int at = offset; at < offset + length; at += PIECE) {
        awaitRoom();
        byte[] piece = Arrays.copyOfRange(bytes, at, Math.min(at + PIECE, offset + length));
        context.executor().execute(() -> send(piece));
      }
    }

    private void awaitRoom() throws IOException {
      boolean inTime;
      try {
        inTime = room.tryAcquire(limits.stalled().toMillis(), TimeUnit.MILLISECONDS);
      } catch (InterruptedException interrupted) {
        Thread.currentThread().interrupt();
        throw (InterruptedIOException)
            new InterruptedIOException("the reader has gone, or the admin port is stopping")
                .initCause(interrupted);
      }
      if (end.isDone()) {
        throw new IOException("the reader has gone");
      }
      if (!inTime) {
        throw new IOException("nothing was read for " + limits.stalled().toSeconds() + " s");
      }
    }
  }
}
