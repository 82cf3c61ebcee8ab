package org.tlsuplift.proxy.testing;

import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.util.SplittableRandom;
import java.util.concurrent.atomic.AtomicLong;

/**
 * Bytes that both ends generate from a seed, so that a lost, repeated or reordered byte is found.
 */
public final class Payload {
  private static final int MAX_CHUNK = 70_000;

  private final long seed;
  private final long length;

  public final AtomicLong written = new AtomicLong();

  public Payload(long seed, long length) {
    this.seed = seed;
    this.length = length;
  }

  /** Writes the payload in chunks of random sizes, at least 1 byte. */
  public void write(OutputStream out) throws IOException {
    SplittableRandom bytes = new SplittableRandom(seed);
    SplittableRandom sizes = new SplittableRandom(seed + 1);
    while (written.get() < length) {
      int bound = sizes.nextInt(3) == 0 ? 100 : MAX_CHUNK;
      byte[] chunk = new byte[(int) Math.min(sizes.nextInt(1, bound), length - written.get())];
      for (int i = 0; i < chunk.length; i++) {
        chunk[i] = (byte) bytes.nextInt();
      }
      out.write(chunk);
      written.addAndGet(chunk.length);
    }
    out.flush();
  }

  /**
   * Reads the payload in chunks of random sizes.
   *
   * @throws AssertionError at the first byte that differs, or if the stream ends early
   */
  public void read(InputStream in) throws IOException {
    SplittableRandom bytes = new SplittableRandom(seed);
    SplittableRandom sizes = new SplittableRandom(seed + 2);
    long at = 0;
    byte[] chunk = new byte[MAX_CHUNK];
    while (at < length) {
      int read = in.read(chunk, 0, (int) Math.min(sizes.nextInt(1, MAX_CHUNK), length - at));
      if (read < 0) {
        throw new AssertionError("the stream ended at " + at + " of " + length);
      }
      for (int i = 0; i < read; i++, at++) {
        if (chunk[i] != (byte) bytes.nextInt()) {
          throw new AssertionError("byte " + at + " of " + length + " differs");
        }
      }
    }
  }
}
