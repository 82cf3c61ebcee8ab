package org.tlsuplift.proxy.relay;

import static org.assertj.core.api.Assertions.assertThat;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.UnpooledByteBufAllocator;
import io.netty.channel.RecvByteBufAllocator.ExtendedHandle;
import org.junit.jupiter.api.Test;

class ReadSizesTest {
  private boolean scarce;
  private final ExtendedHandle reads = new ReadSizes(() -> scarce).newHandle();

  /** As a channel does with so many bytes that have arrived; gives the size of the buffer. */
  private int read(int arrived) {
    ByteBuf buffer = reads.allocate(UnpooledByteBufAllocator.DEFAULT);
    int size = buffer.writableBytes();
    buffer.release();
    reads.attemptedBytesRead(size);
    reads.lastBytesRead(Math.min(size, arrived));
    reads.readComplete();
    return size;
  }

  private void readMuch() {
    for (int i = 0; i < 20; i++) {
      read(1 << 20);
    }
  }

  @Test
  void growToTheMaximum() {
    readMuch();
    assertThat(read(1 << 20)).isEqualTo(ReadSizes.MAX_BYTES);
  }

  @Test
  void areSmallWhileMemoryIsScarce() {
    readMuch();
    scarce = true;
    assertThat(read(1 << 20)).isEqualTo(ReadSizes.SCARCE_BYTES);
    scarce = false;
    readMuch();
    assertThat(read(1 << 20)).isEqualTo(ReadSizes.MAX_BYTES);
  }

  @Test
  void shrinkForAQuietChannelWhileMemoryIsScarce() {
    scarce = true;
    for (int i = 0; i < 20; i++) {
      read(10);
    }
    assertThat(read(10)).isLessThan(512);
  }
}
