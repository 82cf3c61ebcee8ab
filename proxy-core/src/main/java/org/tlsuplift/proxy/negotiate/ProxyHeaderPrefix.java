package org.tlsuplift.proxy.negotiate;

import io.netty.buffer.ByteBuf;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInboundHandlerAdapter;
import io.netty.util.ReferenceCountUtil;
import java.nio.charset.StandardCharsets;
import org.jspecify.annotations.Nullable;
import org.tlsuplift.proxy.model.Explanation;
import org.tlsuplift.proxy.outcome.CloseReason;

/**
 * Detects from the first bytes that the PROXY header is missing, or that its line is too long.
 *
 * <p>Without this check, a ClientHello would wait for the end of a line that never comes, an
 * unknown version would be buffered without a bound, and the limit of a line would depend on how
 * TCP splits it.
 */
final class ProxyHeaderPrefix extends ChannelInboundHandlerAdapter {
  private static final byte[] VERSION_1 = "PROXY ".getBytes(StandardCharsets.US_ASCII);

  /** In bytes, with CR LF (PROXY protocol specification, section 2.1). */
  private static final int MAX_LINE = 107;

  private static final byte[] VERSION_2 = {
    '\r', '\n', '\r', '\n', 0, '\r', '\n', 'Q', 'U', 'I', 'T', '\n'
  };

  private byte @Nullable [] expected;
  private int seen;
  private byte last;
  private boolean refused;

  @Override
  public void channelRead(ChannelHandlerContext ctx, Object message) {
    if (refused || !(message instanceof ByteBuf bytes)) {
      ReferenceCountUtil.release(message);
      return;
    }
    boolean complete = false;
    for (int i = bytes.readerIndex(); i < bytes.writerIndex() && !complete; i++) {
      byte next = bytes.getByte(i);
      byte[] prefix = expected == null ? prefix(next) : expected;
      if (!continues(prefix, next)) {
        refuse(ctx, bytes, seen == 0 ? next & 0xff : -1);
        return;
      }
      complete = prefix == VERSION_1 ? last == '\r' && next == '\n' : seen == prefix.length;
      expected = prefix;
      seen++;
      last = next;
    }
    ctx.fireChannelRead(message);
    if (complete) {
      ctx.pipeline().remove(this);
    }
  }

  private static byte[] prefix(byte first) {
    return first == VERSION_2[0] ? VERSION_2 : VERSION_1;
  }

  private boolean continues(byte[] prefix, byte next) {
    if (seen < prefix.length) {
      return prefix[seen] == next;
    }
    // In version 2 the byte after the signature holds the version and the command.
    return prefix == VERSION_1 ? seen < MAX_LINE : next == 0x20 || next == 0x21;
  }

  private void refuse(ChannelHandlerContext ctx, ByteBuf bytes, int first) {
    refused = true;
    bytes.release();
    Explanation why =
        seen == MAX_LINE
            ? Explanation.of(ProxyHeaderNegotiator.MALFORMED)
            : Explanation.of(
                "expected a PROXY header, got "
                    + (first == 0x16 || first >= 0x80 ? "TLS" : "something else"),
                "use 'send-proxy-v2' in HAProxy, or remove 'proxyProtocol' from the listener");
    ctx.fireUserEventTriggered(new NegotiationRefused(CloseReason.PROXY_HEADER_REFUSED, why, null));
  }
}
