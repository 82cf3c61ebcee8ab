package org.tlsuplift.bench.load;

import io.netty.buffer.ByteBuf;
import io.netty.channel.ChannelDuplexHandler;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelPromise;
import java.util.concurrent.atomic.LongAdder;

/**
 * Tells full handshakes from resumed ones by what a server sends behind its ServerHello.
 *
 * <p>Up to TLS 1.2 that is in the clear: a Certificate when the handshake is full, else a
 * NewSessionTicket or a ChangeCipherSpec (RFC 5246 section 7.3, RFC 5077 section 3.1).
 */
final class FirstFlight extends ChannelDuplexHandler {
  private static final int RECORD_HEADER = 5;
  private static final int MESSAGE_HEADER = 4;
  private static final int HANDSHAKE = 22;
  private static final int CERTIFICATE = 11;

  private final boolean ofServer;
  private final LongAdder resumed;
  private final byte[] seen = new byte[512];
  private int length;

  /**
   * A handler that stands before the TLS handler and removes itself.
   *
   * @param ofServer whether this is the server's own end of the connection
   */
  FirstFlight(boolean ofServer, LongAdder resumed) {
    this.ofServer = ofServer;
    this.resumed = resumed;
  }

  @Override
  public void channelRead(ChannelHandlerContext ctx, Object message) {
    if (!ofServer) {
      look(ctx, message);
    }
    ctx.fireChannelRead(message);
  }

  @Override
  public void write(ChannelHandlerContext ctx, Object message, ChannelPromise promise) {
    if (ofServer) {
      look(ctx, message);
    }
    var unused = ctx.write(message, promise);
  }

  private void look(ChannelHandlerContext ctx, Object message) {
    if (message instanceof ByteBuf bytes && length < seen.length) {
      int more = Math.min(bytes.readableBytes(), seen.length - length);
      bytes.getBytes(bytes.readerIndex(), seen, length, more);
      length += more;
      decide(ctx);
    }
  }

  private void decide(ChannelHandlerContext ctx) {
    if (length < RECORD_HEADER + MESSAGE_HEADER) {
      return;
    }
    int next =
        RECORD_HEADER + MESSAGE_HEADER + (unsigned(6) << 16 | unsigned(7) << 8 | unsigned(8));
    boolean sameRecord = RECORD_HEADER + (unsigned(3) << 8 | unsigned(4)) > next;
    int type = sameRecord ? next : next + RECORD_HEADER;
    if (length <= type) {
      return;
    }
    boolean full = (sameRecord || unsigned(next) == HANDSHAKE) && unsigned(type) == CERTIFICATE;
    if (!full) {
      resumed.increment();
    }
    length = seen.length;
    ctx.pipeline().remove(this);
  }

  private int unsigned(int index) {
    return seen[index] & 0xff;
  }
}
