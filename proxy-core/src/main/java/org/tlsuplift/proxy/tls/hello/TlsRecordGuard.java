package org.tlsuplift.proxy.tls.hello;

import io.netty.buffer.ByteBuf;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInboundHandlerAdapter;
import io.netty.util.ReferenceCountUtil;

/**
 * Passes only TLS records in one direction of a tunnel (RFC 8446 section 5.1).
 *
 * <p>The guard checks the five header bytes of every record, because a peer could send plaintext
 * after its first message. It copies nothing: each buffer passes whole. After the first invalid
 * header it drops all bytes.
 */
public final class TlsRecordGuard extends ChannelInboundHandlerAdapter {
  private static final int FIRST_TYPE = 20;
  private static final int LAST_TYPE = 24;

  /** 2^14 bytes, and 2048 for compression and encryption (RFC 5246 section 6.2.3). */
  private static final int MAX_PAYLOAD = (1 << 14) + 2048;

  private static final int VERSION_AT = 1;
  private static final int LENGTH_AT = 3;

  /** An SSL 2.0 record header has only a two-byte length. */
  private static final int SSL_2_LENGTH_AT = -2;

  private static final int SSL_2_BIT = 0x80;

  private final Runnable notTls;
  private int headerAt;
  private int length;
  private int payloadLeft;
  private boolean refused;

  private TlsRecordGuard(int headerAt, Runnable notTls) {
    this.headerAt = headerAt;
    this.notTls = notTls;
  }

  /**
   * Creates a guard for a direction that starts with a TLS record.
   *
   * @param notTls called once, on the channel's event loop, when other bytes arrive
   */
  public static TlsRecordGuard ofRecords(Runnable notTls) {
    return new TlsRecordGuard(0, notTls);
  }

  /** Creates a guard for a device whose ClientHello has SSL 2.0 framing; records follow it. */
  public static TlsRecordGuard afterSsl2Hello(Runnable notTls) {
    return new TlsRecordGuard(SSL_2_LENGTH_AT, notTls);
  }

  @Override
  public void channelRead(ChannelHandlerContext ctx, Object message) {
    if (!refused && isTls((ByteBuf) message)) {
      ctx.fireChannelRead(message);
      return;
    }
    ReferenceCountUtil.release(message);
    if (!refused) {
      refused = true;
      notTls.run();
    }
  }

  private boolean isTls(ByteBuf bytes) {
    int at = bytes.readerIndex();
    int end = bytes.writerIndex();
    while (at < end) {
      if (payloadLeft > 0) {
        int step = Math.min(payloadLeft, end - at);
        payloadLeft -= step;
        at += step;
      } else if (!takeHeader(bytes.getUnsignedByte(at++))) {
        return false;
      }
    }
    return true;
  }

  private boolean takeHeader(int next) {
    int position = headerAt++;
    return switch (position) {
      case 0 -> next >= FIRST_TYPE && next <= LAST_TYPE;
      case VERSION_AT -> next == HandshakeRecords.MAJOR_VERSION;
      case VERSION_AT + 1 -> true;
      case LENGTH_AT -> begins(next);
      case SSL_2_LENGTH_AT -> begins(next & ~SSL_2_BIT);
      default -> ends(next);
    };
  }

  private boolean begins(int lengthByte) {
    length = lengthByte << 8;
    return true;
  }

  private boolean ends(int lengthByte) {
    headerAt = 0;
    payloadLeft = length | lengthByte;
    return payloadLeft <= MAX_PAYLOAD;
  }
}
