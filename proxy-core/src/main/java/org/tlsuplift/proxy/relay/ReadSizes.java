package org.tlsuplift.proxy.relay;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.ByteBufAllocator;
import io.netty.channel.AdaptiveRecvByteBufAllocator;
import io.netty.util.UncheckedBooleanSupplier;
import java.util.function.BooleanSupplier;

/**
 * Buffers as large as the last reads of a channel, and small ones while memory is scarce.
 *
 * <p>With io_uring the buffers of all channels that have data exist at the same time, before any of
 * them is read. With large ones, many connections that end at once would use up the memory.
 */
final class ReadSizes extends AdaptiveRecvByteBufAllocator {
  static final int MAX_BYTES = 32 << 10;

  /** While memory is scarce. */
  static final int SCARCE_BYTES = 4 << 10;

  private static final int MIN_BYTES = 64;
  private static final int INITIAL_BYTES = 2048;

  private final BooleanSupplier memoryScarce;

  /**
   * @param memoryScarce called before each read, on each event loop
   */
  ReadSizes(BooleanSupplier memoryScarce) {
    super(MIN_BYTES, INITIAL_BYTES, MAX_BYTES);
    this.memoryScarce = memoryScarce;
  }

  // Netty has deprecated the type, and uses it.
  @SuppressWarnings("deprecation")
  @Override
  public ExtendedHandle newHandle() {
    return new Sizes((ExtendedHandle) super.newHandle(), memoryScarce);
  }

  private static final class Sizes extends DelegatingHandle implements ExtendedHandle {
    private final ExtendedHandle netty;
    private final BooleanSupplier memoryScarce;

    Sizes(ExtendedHandle netty, BooleanSupplier memoryScarce) {
      super(netty);
      this.netty = netty;
      this.memoryScarce = memoryScarce;
    }

    @Override
    public ByteBuf allocate(ByteBufAllocator buffers) {
      int guess = netty.guess();
      return buffers.ioBuffer(memoryScarce.getAsBoolean() ? Math.min(guess, SCARCE_BYTES) : guess);
    }

    @Override
    public boolean continueReading(UncheckedBooleanSupplier more) {
      return netty.continueReading(more);
    }
  }
}
