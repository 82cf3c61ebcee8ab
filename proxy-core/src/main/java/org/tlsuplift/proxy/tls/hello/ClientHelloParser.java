package org.tlsuplift.proxy.tls.hello;

import io.netty.buffer.ByteBuf;

/**
 * Reads a device's offer from its first bytes.
 *
 * <p>The result depends only on these bytes, not on how they are split into records or segments.
 * The parser consumes nothing, never throws, and runs in linear time. It checks only the fields
 * that a route decision needs. The TLS engine or the origin finds other errors and sends the
 * correct alert.
 */
final class ClientHelloParser {
  /** The most bytes that are examined, including record headers. */
  static final int MAX_BYTES = 1 << 16;

  private static final int CLIENT_HELLO = 1;
  private static final int MAX_BODY =
      MAX_BYTES - HandshakeRecords.RECORD_HEADER - Integer.BYTES /* the message header */;
  private static final int SSL_2_BIT = 0x80;

  private ClientHelloParser() {}

  /** Parses all readable bytes of a buffer that starts with the device's first byte. */
  static HelloParse parse(ByteBuf stream) {
    if (!stream.isReadable()) {
      return new HelloParse.NeedMore(1);
    }
    // With this limit the result does not depend on the size of a read.
    ByteBuf in =
        stream.readableBytes() > MAX_BYTES ? stream.slice(stream.readerIndex(), MAX_BYTES) : stream;
    try {
      HelloParse parse = parseReadable(in);
      return parse instanceof HelloParse.NeedMore more ? bounded(in, more) : parse;
    } catch (MalformedHelloException malformed) {
      return new HelloParse.Malformed(String.valueOf(malformed.getMessage()), malformed.unexpected);
    }
  }

  private static HelloParse bounded(ByteBuf in, HelloParse.NeedMore more) {
    return in.readableBytes() == MAX_BYTES
        ? new HelloParse.Malformed("the ClientHello is longer than " + MAX_BYTES + " bytes")
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
