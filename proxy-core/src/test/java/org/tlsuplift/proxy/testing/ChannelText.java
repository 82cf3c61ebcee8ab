package org.tlsuplift.proxy.testing;

import io.netty.buffer.ByteBuf;
import io.netty.channel.embedded.EmbeddedChannel;
import java.nio.charset.StandardCharsets;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/** The output of an embedded channel since the last call, with one character for each byte. */
public final class ChannelText {
  private ChannelText() {}

  public static String passed(EmbeddedChannel channel) {
    return drain(channel::readInbound);
  }

  /** The bytes that were written to the other side. */
  public static String heard(EmbeddedChannel channel) {
    return drain(channel::readOutbound);
  }

  private static String drain(Supplier<@Nullable ByteBuf> buffers) {
    StringBuilder text = new StringBuilder();
    for (ByteBuf next = buffers.get(); next != null; next = buffers.get()) {
      text.append(next.toString(StandardCharsets.ISO_8859_1));
      next.release();
    }
    return text.toString();
  }
}
