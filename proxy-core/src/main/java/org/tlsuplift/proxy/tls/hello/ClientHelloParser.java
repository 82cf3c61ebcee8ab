package org.tlsuplift.proxy.tls.hello;

import io.netty.buffer.ByteBuf;

/**
 * Reads a device's offer from the first bytes it sends.
 *
 * <p>A pure function of these bytes, however they were cut into records or segments. It consumes
 * nothing, never throws, and takes linear time. It is no stricter than a route decision needs: the
 * TLS engine or the origin finds other faults, and sends the proper alert.
 */
final class ClientHelloParser {
  /** The most bytes looked at, record headers included. */
  static final int MAX_BYTES = 1 << 16;

  private static final int CLIENT_HELLO = 1;
  private static final int MAX_BODY =
      MAX_BYTES - HandshakeRecords.RECORD_HEADER - Integer.BYTES /* the message header */;
  private static final int SSL_2_BIT = 0x80;

  private ClientHelloParser() {}

  /** Parses all readable bytes of a buffer that begins with the device's first byte. */
  static HelloParse parse(ByteBuf stream) {
    if (!stream.isReadable()) {
      return new HelloParse.NeedMore(1);
    }
    // The result must not depend on how much one read brought.
    ByteBuf in =
        stream.readableBytes() > MAX_BYTES ? stream.slice(stream.readerIndex(), MAX_BYTES) : stream;
    try {
      HelloParse parse = parseReadable(in);
      return parse instanceof HelloParse.NeedMore more ? bounded(in, more) : parse;
    } catch (MalformedHelloException malformed) {
      return new HelloParse.Malformed(String.valueOf(malformed.getMessage()));
    }
  }

  private static HelloParse bounded(ByteBuf in, HelloParse.NeedMore more) {
    return in.readableBytes() == MAX_BYTES
        ? new HelloParse.Malformed("no end of the hello within " + MAX_BYTES + " bytes")
        : new HelloParse.NeedMore(Math.min(more.bytes(), MAX_BYTES));
  }

  private static HelloParse parseReadable(ByteBuf in) throws MalformedHelloException {
    int first = in.getUnsignedByte(in.readerIndex());
    if (first == HandshakeRecords.HANDSHAKE) {
      return HandshakeRecords.mayHave(in, 1, HandshakeRecords.MAJOR_VERSION)
          ? parseRecords(in)
          : FirstBytes.unknown(in);
    }
    if ((first & SSL_2_BIT) != 0) {
      return HandshakeRecords.mayHave(in, 2, Ssl2Hello.CLIENT_HELLO)
          ? Ssl2Hello.parse(in)
          : FirstBytes.unknown(in);
    }
    return FirstBytes.classify(in);
  }

  private static HelloParse parseRecords(ByteBuf in) throws MalformedHelloException {
    HandshakeRecords.Found found = find(in);
    if (found instanceof HandshakeRecords.Found.Message message) {
      return new HelloParse.Parsed(ClientHelloBody.read(message.body()).toClientHello());
    }
    return new HelloParse.NeedMore(((HandshakeRecords.Found.Incomplete) found).bytes());
  }

  static HandshakeRecords.Found find(ByteBuf in) throws MalformedHelloException {
    return HandshakeRecords.firstMessage(in, CLIENT_HELLO, MAX_BODY);
  }
}
