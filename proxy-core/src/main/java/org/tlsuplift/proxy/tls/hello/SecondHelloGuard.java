package org.tlsuplift.proxy.tls.hello;

import io.netty.buffer.ByteBuf;
import io.netty.channel.ChannelHandlerContext;
import io.netty.handler.codec.ByteToMessageDecoder;
import java.util.List;
import java.util.Objects;
import org.tlsuplift.proxy.model.ClientHello;
import org.tlsuplift.proxy.model.UnhandledVariantException;

/**
 * Ensures that a device in a tunnel sends the same SNI again if the origin requests a second
 * ClientHello (HelloRetryRequest, RFC 8446 section 4.1.4), because servers use the SNI of the
 * second one.
 *
 * <p>This handler is on the device's side, after the {@link TlsRecordGuard}, until the origin
 * replies with another message. Before that, no correct device sends a second handshake message. It
 * is needed only for devices that offer TLS 1.3. It holds at most one ClientHello or record.
 */
public final class SecondHelloGuard extends ByteToMessageDecoder {
  private final ClientHello routed;
  private final Runnable otherHello;
  private int wanted;
  private boolean firstPassed;
  private boolean secondDue;
  private boolean refused;

  /**
   * Creates a guard.
   *
   * @param routed the first ClientHello, which the route decision used
   * @param otherHello called once, on the channel's event loop, if the second ClientHello differs
   */
  public SecondHelloGuard(ClientHello routed, Runnable otherHello) {
    this.routed = routed;
    this.otherHello = otherHello;
  }

  public void expectSecond() {
    secondDue = true;
  }

  @Override
  protected void decode(ChannelHandlerContext ctx, ByteBuf in, List<Object> out) {
    if (refused) {
      in.skipBytes(in.readableBytes());
    } else if (in.getUnsignedByte(in.readerIndex()) == HandshakeRecords.HANDSHAKE) {
      readHello(ctx, in, out);
    } else if (in.readableBytes() >= HandshakeRecords.RECORD_HEADER) {
      int length = HandshakeRecords.RECORD_HEADER + in.getUnsignedShort(in.readerIndex() + 3);
      if (in.readableBytes() >= length) {
        out.add(in.readRetainedSlice(length));
      }
    }
  }

  private void readHello(ChannelHandlerContext ctx, ByteBuf in, List<Object> out) {
    if (in.readableBytes() < wanted) {
      return;
    }
    try {
      HandshakeRecords.Found found = ClientHelloParser.find(in);
      if (found instanceof HandshakeRecords.Found.Message message) {
        ClientHello hello = ClientHelloBody.read(message.body()).toClientHello();
        boolean due = !firstPassed || secondDue;
        if (!due || !isSame(hello) || message.more()) {
          refuse(in);
          return;
        }
        out.add(in.readRetainedSlice(message.bytes()));
        if (firstPassed) {
          ctx.pipeline().remove(this);
        }
        firstPassed = true;
        wanted = 0;
      } else if (found instanceof HandshakeRecords.Found.Incomplete incomplete) {
        wanted = incomplete.bytes();
      } else {
        throw new UnhandledVariantException(found);
      }
    } catch (MalformedHelloException malformed) {
      refuse(in);
    }
  }

  private boolean isSame(ClientHello hello) {
    return Objects.equals(routed.serverName(), hello.serverName())
        && routed.unusableServerName() == hello.unusableServerName();
  }

  private void refuse(ByteBuf in) {
    refused = true;
    in.skipBytes(in.readableBytes());
    otherHello.run();
  }

  /** Requests reads as the superclass does, except after a refusal. */
  @Override
  public void channelReadComplete(ChannelHandlerContext ctx) throws Exception {
    if (refused) {
      ctx.fireChannelReadComplete();
    } else {
      super.channelReadComplete(ctx);
    }
  }

  /** Passes the held bytes unchanged. They may be an incomplete record if the device ends early. */
  @Override
  protected void decodeLast(ChannelHandlerContext ctx, ByteBuf in, List<Object> out) {
    if (!refused && in.isReadable()) {
      out.add(in.readRetainedSlice(in.readableBytes()));
    }
  }
}
