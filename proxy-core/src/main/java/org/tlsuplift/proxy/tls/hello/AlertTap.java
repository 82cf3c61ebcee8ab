package org.tlsuplift.proxy.tls.hello;

import io.netty.buffer.ByteBuf;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInboundHandlerAdapter;

/**
 * Stores the last unencrypted alert that a device sends during the handshake, and counts the
 * device's records.
 *
 * <p>With TLS 1.3, OpenSSL sends the alert "unknown CA" unencrypted. The engine expects an
 * encrypted record and reports a decryption failure, so only this handler knows the cause. It is
 * before the TLS handler in the pipeline and is removed after the handshake.
 */
public final class AlertTap extends ChannelInboundHandlerAdapter {
  /** The value of {@link #alert()} without an alert. */
  public static final int NONE = -1;

  private static final int HEADER = 5;
  private static final int SSL2_HEADER = 2;
  private static final int ALERT = 21;
  private static final int HANDSHAKE = 22;
  private static final int CLIENT_KEY_EXCHANGE = 16;
  private static final int ALERT_LENGTH = 2;

  private final byte[] header = new byte[HEADER];
  private int headerBytes;
  private int bodyLeft;
  private int bodySeen;
  private int records;
  private int alert = NONE;
  private boolean keyExchanged;

  /**
   * The number of the last unencrypted alert other than close_notify (RFC 8446 section 6), or
   * {@link #NONE}.
   */
  public int alert() {
    return alert;
  }

  /**
   * Whether the device sent a ClientKeyExchange, which proves that it accepted the certificate (RFC
   * 5246 section 7.4.7). TLS 1.3 has no such message, but there a device sends nothing more before
   * it has accepted the certificate.
   */
  public boolean hasKeyExchanged() {
    return keyExchanged;
  }

  public int records() {
    return records;
  }

  @Override
  public void channelRead(ChannelHandlerContext ctx, Object message) {
    if (message instanceof ByteBuf bytes) {
      walk(bytes);
    }
    ctx.fireChannelRead(message);
  }

  private void walk(ByteBuf bytes) {
    int at = bytes.readerIndex();
    while (at < bytes.writerIndex()) {
      if (headerBytes < headerLength()) {
        header[headerBytes++] = bytes.getByte(at++);
        if (headerBytes == headerLength()) {
          bodyLeft = bodyLength();
          bodySeen = 0;
          records++;
        }
      } else {
        int step = isAlert() ? 1 : Math.min(bodyLeft, bytes.writerIndex() - at);
        if (isAlert() && bodySeen == 1 && bytes.getByte(at) != 0) {
          alert = bytes.getUnsignedByte(at);
        }
        keyExchanged |=
            header[0] == HANDSHAKE && bodySeen == 0 && bytes.getByte(at) == CLIENT_KEY_EXCHANGE;
        bodySeen += step;
        bodyLeft -= step;
        at += step;
      }
      if (headerBytes == headerLength() && bodyLeft == 0) {
        headerBytes = 0;
      }
    }
  }

  /** Only a ClientHello in SSL 2.0 framing starts with such a byte. */
  private boolean isSsl2() {
    return headerBytes > 0 && header[0] < 0;
  }

  private int headerLength() {
    return isSsl2() ? SSL2_HEADER : HEADER;
  }

  private int bodyLength() {
    return isSsl2()
        ? ((header[0] & 0x7f) << 8) | (header[1] & 0xff)
        : ((header[3] & 0xff) << 8) | (header[4] & 0xff);
  }

  private boolean isAlert() {
    return header[0] == ALERT && bodyLeft + bodySeen == ALERT_LENGTH;
  }
}
