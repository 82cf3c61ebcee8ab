package org.tlsuplift.proxy.tls.hello;

import io.netty.buffer.ByteBuf;

/**
 * The first handshake message of a byte stream, assembled from its TLS records.
 *
 * <p>A message may span many records. No other record type may come between them, and no record may
 * be empty (RFC 8446 section 5.1). Reading consumes nothing.
 */
public final class HandshakeRecords {
  static final int ALERT = 21;

  public static final int HANDSHAKE = 22;

  /** The bytes before the payload of a record: type, version, length. */
  static final int RECORD_HEADER = 5;

  /** The first byte of the version of every record since SSL 3.0. */
  static final int MAJOR_VERSION = 3;

  private static final int MAX_RECORD = 1 << 14;
  private static final int MESSAGE_HEADER = 4;

  /** Real ClientHellos are shorter than 4,096 bytes, so even records of one byte are accepted. */
  private static final int MAX_RECORDS = 1 << 12;

  private final ByteBuf in;
  private final int expectedType;
  private final int maxMessage;
  private final byte[] header = new byte[MESSAGE_HEADER];

  private HandshakeRecords(ByteBuf in, int expectedType, int maxMessage) {
    this.in = in;
    this.expectedType = expectedType;
    this.maxMessage = maxMessage;
  }

  sealed interface Found {
    /** The message is incomplete; {@code bytes} bytes are needed in total before another try. */
    record Incomplete(int bytes) implements Found {}

    /**
     * The complete message.
     *
     * @param body the message without its header
     * @param bytes the number of bytes up to the end of the last record
     * @param more whether the last record holds more than the message
     */
    record Message(HelloReader body, int bytes, boolean more) implements Found {}
  }

  /**
   * Finds the first message.
   *
   * @param in the stream from its first byte
   * @param expectedType the only accepted type (RFC 8446 section 4)
   * @param maxMessage the longest accepted body, in bytes
   */
  static Found firstMessage(ByteBuf in, int expectedType, int maxMessage)
      throws MalformedHelloException {
    return new HandshakeRecords(in, expectedType, maxMessage).find();
  }

  /** Whether the byte at an offset has this value, or has not arrived yet. */
  static boolean mayHave(ByteBuf in, int offset, int value) {
    return in.readableBytes() <= offset || in.getUnsignedByte(in.readerIndex() + offset) == value;
  }

  /** Sums the payloads until the message is complete, then copies it. */
  private Found find() throws MalformedHelloException {
    int start = in.readerIndex();
    int at = start;
    int seen = 0;
    for (int records = 0; records < MAX_RECORDS; records++) {
      int length = payloadLength(at);
      if (length < 0) {
        return new Found.Incomplete(at - start + RECORD_HEADER);
      }
      int payload = at + RECORD_HEADER;
      int got = Math.min(length, in.writerIndex() - payload);
      for (int i = seen; i < MESSAGE_HEADER && i < seen + got; i++) {
        header[i] = in.getByte(payload + i - seen);
      }
      int before = seen;
      seen += got;
      int total = totalLength(seen);
      if (seen >= total) {
        return new Found.Message(
            new HelloReader(copyBody(total)), payload + length - start, before + length > total);
      }
      if (got < length) {
        return new Found.Incomplete(payload - start + Math.min(length, total - before));
      }
      at = payload + length;
    }
    throw new MalformedHelloException(
        "a handshake message in more than " + MAX_RECORDS + " records");
  }

  /** The length of a record's payload, or -1 while its header is incomplete. */
  private int payloadLength(int at) throws MalformedHelloException {
    int left = in.writerIndex() - at;
    if (left > 0 && in.getUnsignedByte(at) != HANDSHAKE) {
      throw new MalformedHelloException(
          "a record of type " + in.getUnsignedByte(at) + " within a handshake message", true);
    }
    if (left > 1 && in.getUnsignedByte(at + 1) != MAJOR_VERSION) {
      throw new MalformedHelloException(
          "record version: got " + in.getUnsignedByte(at + 1) + ".x; expected 3.x");
    }
    if (left < RECORD_HEADER) {
      return -1;
    }
    int length = in.getUnsignedShort(at + 3);
    if (length == 0 || length > MAX_RECORD) {
      throw new MalformedHelloException(
          "record length: got " + length + " bytes; expected 1 to " + MAX_RECORD);
    }
    return length;
  }

  /** The length of the message with its header, or of the header while it is incomplete. */
  private int totalLength(int seen) throws MalformedHelloException {
    int type = header[0] & 0xff;
    if (seen > 0 && type != expectedType) {
      throw new MalformedHelloException(
          "handshake message: got type " + type + "; expected " + expectedType, true);
    }
    if (seen < MESSAGE_HEADER) {
      return MESSAGE_HEADER;
    }
    int body = ((header[1] & 0xff) << 16) | ((header[2] & 0xff) << 8) | (header[3] & 0xff);
    if (body > maxMessage) {
      throw new MalformedHelloException(
          "handshake message: got " + body + " bytes; expected at most " + maxMessage);
    }
    return MESSAGE_HEADER + body;
  }

  private byte[] copyBody(int total) {
    byte[] body = new byte[total - MESSAGE_HEADER];
    int done = -MESSAGE_HEADER;
    int at = in.readerIndex();
    while (done < body.length) {
      int length = in.getUnsignedShort(at + 3);
      int skipped = Math.min(length, Math.max(0, -done));
      int copied = Math.min(length - skipped, body.length - Math.max(0, done));
      if (copied > 0) {
        in.getBytes(at + RECORD_HEADER + skipped, body, done + skipped, copied);
      }
      done += skipped + copied;
      at += RECORD_HEADER + length;
    }
    return body;
  }
}
