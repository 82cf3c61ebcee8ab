package org.tlsuplift.proxy.accept;

import io.netty.buffer.PooledByteBufAllocator;
import io.netty.util.internal.PlatformDependent;
import java.util.function.LongSupplier;

/**
 * Whether the memory for buffers has room for one more session.
 *
 * <p>Sessions are refused from three quarters on. The rest is for those that are open and become
 * slow, and for what the allocator loses to fragments. Thread-safe.
 *
 * @param limit bytes that sessions may hold before new ones are refused
 * @param held bytes that they hold now
 */
record BufferBudget(long limit, LongSupplier held) {
  /** What one session holds at most, by Netty's water marks and {@code Relay.READS}. */
  private static final long PER_SESSION = 128 << 10;

  /** The budget of this process, by -XX:MaxDirectMemorySize or -Xmx. */
  static BufferBudget ofProcess() {
    return new BufferBudget(
        PlatformDependent.maxDirectMemory() / 4 * 3,
        PooledByteBufAllocator.DEFAULT::pinnedDirectMemory);
  }

  /** Whether one more session fits. */
  boolean hasRoom() {
    return held.getAsLong() + PER_SESSION <= limit;
  }

  String refusal() {
    return "give the daemon more memory (-XX:MaxDirectMemorySize): buffers of slow peers hold "
        + (held.getAsLong() >> 20)
        + " of "
        + (limit >> 20)
        + " MiB";
  }
}
