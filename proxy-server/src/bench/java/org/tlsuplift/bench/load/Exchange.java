package org.tlsuplift.bench.load;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.ByteBufAllocator;
import io.netty.buffer.Unpooled;
import java.util.concurrent.atomic.LongAdder;

/** One request to {@link OriginHandler} and the size of its answer. */
public record Exchange(char what, long length) implements Visit {
  private static final int CHUNK = 64 * 1024;
  private static final ByteBuf PAYLOAD =
      Unpooled.unreleasableBuffer(Unpooled.directBuffer(CHUNK).writeZero(CHUNK).asReadOnly());

  /** The least that proves that both sides work. */
  public static final Exchange ONE_BYTE = new Exchange('D', 1);

  public static Exchange down(long bytes) {
    return new Exchange('D', bytes);
  }

  public static Exchange up(long bytes) {
    return new Exchange('U', bytes);
  }

  @Override
  public Device device(DeviceTls tls, int port, LongAdder resumed, Device.Events events) {
    return new RequestingDevice(tls, port, resumed, events, this);
  }

  ByteBuf request(ByteBufAllocator allocator) {
    return allocator.buffer(OriginHandler.REQUEST_BYTES).writeByte(what).writeLong(length);
  }

  long answerBytes() {
    return what == 'D' ? length : 1;
  }

  long uploadBytes() {
    return what == 'U' ? length : 0;
  }

  ByteBuf payload(long atMost) {
    return PAYLOAD.slice(0, (int) Math.min(CHUNK, atMost));
  }
}
