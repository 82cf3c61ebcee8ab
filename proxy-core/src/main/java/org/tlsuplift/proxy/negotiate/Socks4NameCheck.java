package org.tlsuplift.proxy.negotiate;

import io.netty.buffer.ByteBuf;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInboundHandlerAdapter;
import io.netty.handler.codec.DecoderException;
import io.netty.util.ByteProcessor;
import io.netty.util.ReferenceCountUtil;

/**
 * Refuses the name of a SOCKS 4a request that has bytes above 0x7f.
 *
 * <p>SOCKS 4a names no encoding. Netty's decoder reads such bytes as Latin-1 and returns the name
 * as punycode: perhaps another host than the device has named. The user name, which is not used,
 * may have any bytes.
 */
final class Socks4NameCheck extends ChannelInboundHandlerAdapter implements ByteProcessor {
  /** Version, command, port and address. */
  private static final int HEAD_BYTES = 8;

  private static final int ADDRESS_START = 4;

  private int position;
  private int address;
  private boolean inName;
  private boolean complete;
  private boolean refused;

  @Override
  public void channelRead(ChannelHandlerContext ctx, Object message) {
    if (refused || !(message instanceof ByteBuf bytes)) {
      ReferenceCountUtil.release(message);
      return;
    }
    bytes.forEachByte(this);
    if (refused) {
      bytes.release();
      ctx.fireExceptionCaught(new DecoderException("the name has characters other than ASCII"));
      return;
    }
    if (complete) {
      ctx.pipeline().remove(this);
    }
    ctx.fireChannelRead(bytes);
  }

  /** Returns false at the end of the request, and at the first byte that is refused. */
  @Override
  public boolean process(byte value) {
    if (position < HEAD_BYTES) {
      if (position++ >= ADDRESS_START) {
        address = (address << Byte.SIZE) | (value & 0xff);
      }
    } else if (value == 0) {
      // After the user name, the address 0.0.0.x announces a name.
      complete = inName || address >>> Byte.SIZE != 0 || address == 0;
      inName = true;
    } else {
      refused = inName && value < 0;
    }
    return !complete && !refused;
  }
}
