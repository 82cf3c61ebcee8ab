package org.tlsuplift.server.admin;

import java.io.BufferedOutputStream;
import java.io.IOException;
import java.io.InterruptedIOException;
import java.io.OutputStream;
import java.time.Duration;
import java.util.Arrays;
import java.util.concurrent.Semaphore;
import java.util.concurrent.TimeUnit;
import org.tlsuplift.server.web.ResponseBody;
import reactor.core.publisher.Flux;
import reactor.core.publisher.FluxSink;
import reactor.core.scheduler.Scheduler;

/**
 * Sends the bytes written to an {@link OutputStream}, no faster than the subscriber requests them.
 */
final class StreamedResponse {
  private static final int PIECE = 8192;

  /** The largest demand that is passed on; for {@link FluxSink}, Long.MAX_VALUE means no bound. */
  private static final int MOST_ASKED = 1 << 16;

  private StreamedResponse() {}

  /**
   * The written pieces.
   *
   * @param stalled how long a piece may wait for a request of the subscriber
   */
  static Flux<byte[]> pieces(ResponseBody.Writing writing, Scheduler scheduler, Duration stalled) {
    return Flux.<byte[]>create(sink -> write(writing, new Pieces(sink, stalled), sink))
        .subscribeOn(scheduler, false);
  }

  private static void write(ResponseBody.Writing writing, Pieces pieces, FluxSink<byte[]> sink) {
    FullPieces out = new FullPieces(pieces);
    try {
      writing.writeTo(out);
      out.sendTheRest();
      sink.complete();
    } catch (Exception failed) {
      if (!sink.isCancelled()) {
        sink.error(failed);
      }
    }
  }

  /**
   * Sends full pieces only, until the end. A writer that closes its output after a failure would
   * otherwise send the start of content that has no end.
   */
  private static final class FullPieces extends BufferedOutputStream {
    FullPieces(Pieces pieces) {
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

  private static final class Pieces extends OutputStream {
    private final FluxSink<byte[]> sink;
    private final Duration stalled;
    private final Semaphore asked = new Semaphore(0);
    private volatile boolean gone;

    Pieces(FluxSink<byte[]> sink, Duration stalled) {
      this.sink = sink;
      this.stalled = stalled;
      sink.onDispose(
          () -> {
            gone = true;
            asked.release();
          });
      sink.onRequest(pieces -> asked.release((int) Math.min(pieces, MOST_ASKED)));
    }

    @Override
    public void write(int single) throws IOException {
      write(new byte[] {(byte) single}, 0, 1);
    }

    @Override
    public void write(byte[] bytes, int offset, int length) throws IOException {
      for (int at = offset; at < offset + length; at += PIECE) {
        awaitAsked();
        sink.next(Arrays.copyOfRange(bytes, at, Math.min(at + PIECE, offset + length)));
      }
    }

    private void awaitAsked() throws IOException {
      boolean inTime;
      try {
        inTime = gone || asked.tryAcquire(stalled.toMillis(), TimeUnit.MILLISECONDS);
      } catch (InterruptedException interrupted) {
        Thread.currentThread().interrupt();
        throw (InterruptedIOException)
            new InterruptedIOException("the admin port is stopping").initCause(interrupted);
      }
      if (gone) {
        throw new IOException("the reader has gone");
      }
      if (!inTime) {
        throw new IOException("nothing was read for " + stalled.toSeconds() + " s");
      }
    }
  }
}
