package org.tlsuplift.proxy.tls.hello;

import io.netty.buffer.ByteBuf;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInboundHandlerAdapter;
import io.netty.util.ReferenceCountUtil;
import org.jspecify.annotations.Nullable;
import org.tlsuplift.proxy.model.TlsVersion;

/**
 * Reads the group of an origin's key exchange, and refuses a TLS 1.2 key exchange that the origin
 * signs with MD5 or SHA-1. BoringSSL accepts SHA-1, and Netty offers neither a setting nor a getter
 * for both.
 *
 * <p>This handler is before the TLS handler. All bytes pass immediately, except those with the end
 * of a refused message: the handler drops them and closes the channel. It removes itself after a
 * ServerHello of TLS 1.3, a ServerKeyExchange, or a record that is not part of the unencrypted
 * handshake; a resumed TLS 1.2 session has no ServerKeyExchange. It keeps at most 2 KiB.
 */
public final class KeyExchangeWatch extends ChannelInboundHandlerAdapter {
  private static final int SERVER_HELLO = 2;
  private static final int SERVER_KEY_EXCHANGE = 12;
  private static final int MESSAGE_HEADER = 4;

  /** RFC 8422 section 5.4. */
  private static final int NAMED_CURVE = 3;

  /** RFC 5246 section 7.4.1.4.1: 1 is MD5. Algorithms of later RFCs have higher numbers. */
  private static final int SHA_1 = 2;

  /** A ServerHello with a share of X25519MLKEM768 has 1,210 bytes. */
  private static final int MAX_KEPT = 1 << 11;

  private int recordHeaderBytes;
  private int recordType;
  private int recordLeft;
  private int messageHeaderBytes;
  private int messageHeader;
  private int messageLeft;
  private byte[] kept = new byte[0];
  private int keptBytes;
  private boolean done;
  private @Nullable String group;
  private @Nullable String weakHash;

  /** The name of the group; null before it is known, and in a resumed TLS 1.2 session. */
  public @Nullable String group() {
    return group;
  }

  /** The hash because of which the origin was refused, or null. */
  public @Nullable String weakHash() {
    return weakHash;
  }

  @Override
  public void channelRead(ChannelHandlerContext ctx, Object message) {
    if (weakHash == null) {
      readRecords((ByteBuf) message);
      if (weakHash == null) {
        if (done) {
          ctx.pipeline().remove(this);
        }
        ctx.fireChannelRead(message);
        return;
      }
      var unused = ctx.channel().close();
    }
    ReferenceCountUtil.release(message);
  }

  private void readRecords(ByteBuf in) {
    int at = in.readerIndex();
    while (at < in.writerIndex() && !done) {
      if (recordHeaderBytes < HandshakeRecords.RECORD_HEADER) {
        readRecordHeader(in.getUnsignedByte(at++));
      } else {
        int step = Math.min(recordLeft, in.writerIndex() - at);
        if (recordType == HandshakeRecords.HANDSHAKE) {
          readMessages(in, at, at + step);
        }
        at += step;
        recordLeft -= step;
      }
      if (recordHeaderBytes == HandshakeRecords.RECORD_HEADER && recordLeft == 0) {
        recordHeaderBytes = 0;
      }
    }
  }

  private void readRecordHeader(int next) {
    if (recordHeaderBytes == 0) {
      recordType = next;
      done = next != HandshakeRecords.HANDSHAKE && next != HandshakeRecords.ALERT;
    }
    // The last two bytes are the length.
    recordLeft = (recordLeft << 8 | next) & 0xffff;
    recordHeaderBytes++;
  }

  private void readMessages(ByteBuf in, int from, int end) {
    int at = from;
    while (at < end && !done) {
      if (messageHeaderBytes < MESSAGE_HEADER) {
        messageHeader = messageHeader << 8 | in.getUnsignedByte(at++);
        if (++messageHeaderBytes == MESSAGE_HEADER) {
          begin();
        }
      } else {
        int step = Math.min(messageLeft, end - at);
        int copied = Math.min(step, kept.length - keptBytes);
        in.getBytes(at, kept, keptBytes, copied);
        keptBytes += copied;
        messageLeft -= step;
        at += step;
      }
      if (messageHeaderBytes == MESSAGE_HEADER && messageLeft == 0) {
        end();
      }
    }
  }

  private void begin() {
    messageLeft = messageHeader & 0xffffff;
    keptBytes = 0;
    int type = messageHeader >>> 24;
    kept =
        new byte
            [type == SERVER_HELLO || type == SERVER_KEY_EXCHANGE
                ? Math.min(messageLeft, MAX_KEPT)
                : 0];
  }

  private void end() {
    messageHeaderBytes = 0;
    int type = messageHeader >>> 24;
    try {
      if (type == SERVER_HELLO) {
        readServerHello();
      } else if (type == SERVER_KEY_EXCHANGE) {
        done = true;
        readKeyExchange(new HelloReader(kept));
      }
    } catch (MalformedHelloException malformed) {
      // BoringSSL refuses it.
    }
  }

  private void readServerHello() throws MalformedHelloException {
    if (ServerHelloParser.read(new HelloReader(kept))
            instanceof ServerHelloParser.Answer.Agreed agreed
        && agreed.parameters().version() == TlsVersion.TLS_1_3) {
      group = agreed.parameters().group();
      done = true;
    }
  }

  private void readKeyExchange(HelloReader message) throws MalformedHelloException {
    if (message.u8("curve type") == NAMED_CURVE) {
      group = NamedGroups.nameOf(message.u16("curve"));
      message.vector8("public key");
      int hash = message.u8("hash");
      if (hash <= SHA_1) {
        weakHash = hash == SHA_1 ? "SHA-1" : "MD5";
      }
    }
  }
}
