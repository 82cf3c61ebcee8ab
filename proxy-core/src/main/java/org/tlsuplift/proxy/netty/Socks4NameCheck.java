package org.tlsuplift.proxy.netty;

import io.netty.buffer.ByteBuf;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInboundHandlerAdapter;
import io.netty.handler.codec.DecoderException;
import io.netty.util.ByteProcessor;
import io.netty.util.ReferenceCountUtil;

/**
 * Refuses the name of a SOCKS 4a request that has bytes above 0x7f.
 *
 * <p>SOCKS 4a defines no encoding. Netty's decoder reads such bytes as Latin-1 and returns the name
 * as punycode, which may be another host than the device requested (seen in 4.2.18). The user name
 * may have any bytes, because it is not used.
 *
 * <p>To report: "Socks4ServerDecoder reads the name with ByteBuf.toString(US_ASCII), which turns
 * bytes above 0x7f into Latin-1, and DefaultSocks4CommandRequest makes punycode of it; the decoder
 * should fail." Delete when it does.
 */
public final class Socks4NameCheck extends ChannelInboundHandlerAdapter implements ByteProcessor {
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
      ctx.fireExceptionCaught(new DecoderException("the name has characters outside ASCII"));
      return;
    }
    if (complete) {
      ctx.pipeline().remove(this);
    }
    ctx.fireChannelRead(bytes);
  }

  /** Returns false at the end of the request and at the first refused byte. */
  @Override
  public boolean process(byte value) {
    if (position < HEAD_BYTES) {
      if (position++ >= ADDRESS_START) {
        address = (address << Byte.SIZE) | (value & 0xff);
      }
    } else if (value == 0) {
      // With the address 0.0.0.x, a name follows the user name.
      complete = inName || address >>> Byte.SIZE != 0 || address == 0;
      inName = true;
    } else {
      refused = inName && value < 0;
    }
    return !complete && !refused;
  }
}
