package org.tlsuplift.proxy.tls.hello;

import io.netty.buffer.ByteBuf;
import io.netty.channel.ChannelHandlerContext;
import io.netty.handler.codec.ByteToMessageDecoder;
import java.util.List;
import org.tlsuplift.proxy.model.TlsParameters;
import org.tlsuplift.proxy.model.TlsVersion;
import org.tlsuplift.proxy.model.UnhandledVariantException;

/**
 * Ensures that a tunnel carries nothing below TLS 1.2. This handler is on the origin's side, reads
 * the ServerHello and removes itself.
 *
 * <p>A device that offers TLS 1.2 is tunnelled, but it may also offer older versions, and the
 * origin chooses. Alerts pass immediately and the guard stays, because a server may warn that it
 * does not know the name (RFC 6066 section 3) and then send its ServerHello. No other bytes pass.
 * The guard holds at most 16 KiB plus one read.
 */
public final class ServerHelloGuard extends ByteToMessageDecoder {
  /**
   * Receives the result for the origin's first message. One method is called at most once, on the
   * channel's event loop.
   */
  public interface Callbacks {
    /**
     * The origin agreed to a version below TLS 1.2. All its bytes are dropped, and the receiver
     * must close the session.
     */
    void belowFloor(TlsVersion version);

    /**
     * The origin's TLS handshake has no readable ServerHello, so its version is unknown. All its
     * bytes are dropped, and the receiver must close the session.
     *
     * @param why one line for the operator
     */
    void unreadable(String why);

    /** The origin's reply is not TLS. All its bytes are dropped. */
    void notTls();

    /**
     * The origin agreed to TLS 1.2 or later. Its bytes pass after this call.
     *
     * @param parameters the ALPN name is known only in TLS 1.2, because later versions encrypt it
     * @param again whether the origin requests a second ClientHello
     */
    void agreed(TlsParameters parameters, boolean again);
  }

  /** The most bytes that are held for one ServerHello, including record headers. */
  static final int MAX_HELD = 1 << 14;

  /**
   * An unencrypted alert has two bytes (RFC 8446 section 6). Before the ServerHello no alert is
   * encrypted.
   */
  private static final int MAX_ALERT = HandshakeRecords.RECORD_HEADER + 2;

  private static final int SSL_2_BIT = 0x80;
  private static final int SSL_2_SERVER_HELLO = 4;
  private static final int SSL_2_TYPE_AT = 2;

  private final Callbacks callbacks;
  private int wanted;
  private boolean refused;

  public ServerHelloGuard(Callbacks callbacks) {
    this.callbacks = callbacks;
  }

  @Override
  protected void decode(ChannelHandlerContext ctx, ByteBuf in, List<Object> out) {
    if (refused) {
      in.skipBytes(in.readableBytes());
      return;
    }
    int first = in.getUnsignedByte(in.readerIndex());
    if (first == HandshakeRecords.HANDSHAKE
        && HandshakeRecords.mayHave(in, 1, HandshakeRecords.MAJOR_VERSION)) {
      readHandshake(ctx, in);
    } else if (first == HandshakeRecords.ALERT
        && HandshakeRecords.mayHave(in, 1, HandshakeRecords.MAJOR_VERSION)) {
      passAlert(in, out);
    } else if ((first & SSL_2_BIT) != 0
        && HandshakeRecords.mayHave(in, SSL_2_TYPE_AT, SSL_2_SERVER_HELLO)) {
      if (in.readableBytes() > SSL_2_TYPE_AT) {
        refuse(in);
        callbacks.belowFloor(TlsVersion.SSL_2);
      }
    } else {
      refuse(in);
      callbacks.notTls();
    }
  }

  private void readHandshake(ChannelHandlerContext ctx, ByteBuf in) {
    if (in.readableBytes() < wanted) {
      return;
    }
    ServerHelloParser.Answer answer = ServerHelloParser.parse(in);
    if (answer instanceof ServerHelloParser.Answer.NeedMore more) {
      wanted = Math.min(more.bytes(), MAX_HELD);
      if (in.readableBytes() >= MAX_HELD) {
        refuse(in);
        callbacks.unreadable("the ServerHello is longer than " + MAX_HELD + " bytes");
      }
    } else if (answer instanceof ServerHelloParser.Answer.Unreadable unreadable) {
      refuse(in);
      callbacks.unreadable(unreadable.why());
    } else if (answer instanceof ServerHelloParser.Answer.Agreed agreed) {
      if (agreed.parameters().version().isLegacy()) {
        refuse(in);
        callbacks.belowFloor(agreed.parameters().version());
      } else {
        ctx.pipeline().remove(this);
        callbacks.agreed(agreed.parameters(), agreed.again());
      }
    } else if (answer instanceof ServerHelloParser.Answer.Newer) {
      ctx.pipeline().remove(this);
    } else {
      throw new UnhandledVariantException(answer);
    }
  }

  private void passAlert(ByteBuf in, List<Object> out) {
    if (in.readableBytes() < HandshakeRecords.RECORD_HEADER) {
      return;
    }
    int length = HandshakeRecords.RECORD_HEADER + in.getUnsignedShort(in.readerIndex() + 3);
    if (length > MAX_ALERT) {
      refuse(in);
      callbacks.unreadable("alert: got " + length + " bytes; expected at most " + MAX_ALERT);
    } else if (in.readableBytes() >= length) {
      out.add(in.readRetainedSlice(length));
    }
  }

  /** Passes the held bytes unchanged. They may be an incomplete alert if the origin ends early. */
  @Override
  protected void decodeLast(ChannelHandlerContext ctx, ByteBuf in, List<Object> out) {
    if (!refused && in.isReadable()) {
      out.add(in.readRetainedSlice(in.readableBytes()));
    }
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

  private void refuse(ByteBuf in) {
    refused = true;
    in.skipBytes(in.readableBytes());
  }
}
