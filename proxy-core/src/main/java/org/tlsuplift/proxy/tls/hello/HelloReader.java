package org.tlsuplift.proxy.tls.hello;

import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;

/** Reads the fields of one handshake message, and checks each read against the length. */
final class HelloReader {
  private final byte[] bytes;
  private final int end;
  private int at;

  HelloReader(byte[] bytes) {
    this(bytes, 0, bytes.length);
  }

  private HelloReader(byte[] bytes, int from, int end) {
    this.bytes = bytes;
    this.at = from;
    this.end = end;
  }

  boolean isEmpty() {
    return at == end;
  }

  int left() {
    return end - at;
  }

  int u8(String field) throws MalformedHelloException {
    return bytes[advance(1, field)] & 0xff;
  }

  int u16(String field) throws MalformedHelloException {
    int from = advance(2, field);
    return ((bytes[from] & 0xff) << 8) | (bytes[from + 1] & 0xff);
  }

  /** The next bytes, as a separate reader. */
  HelloReader take(int length, String field) throws MalformedHelloException {
    int from = advance(length, field);
    return new HelloReader(bytes, from, from + length);
  }

  /** A vector with a one-byte length field (RFC 8446 section 3.4). */
  HelloReader vector8(String field) throws MalformedHelloException {
    return take(u8(field), field);
  }

  HelloReader vector16(String field) throws MalformedHelloException {
    return take(u16(field), field);
  }

  /** The remaining bytes as two-byte numbers, without GREASE (RFC 8701). */
  List<Integer> numbers(String field) throws MalformedHelloException {
    if (left() % 2 != 0) {
      throw new MalformedHelloException(
          field + ": got " + left() + " bytes; expected an even number");
    }
    List<Integer> numbers = new ArrayList<>(left() / 2);
    while (!isEmpty()) {
      int number = u16(field);
      if (!isGrease(number)) {
        numbers.add(number);
      }
    }
    return numbers;
  }

  /** The remaining bytes as text, with one character for each byte. */
  String text() {
    String text = new String(bytes, at, left(), StandardCharsets.ISO_8859_1);
    at = end;
    return text;
  }

  byte[] bytes() {
    byte[] left = Arrays.copyOfRange(bytes, at, end);
    at = end;
    return left;
  }

  /** Refuses bytes after the last field. */
  void finish(String field) throws MalformedHelloException {
    if (!isEmpty()) {
      throw new MalformedHelloException(field + ": got " + left() + " extra bytes");
    }
  }

  /** Whether a number is one of the sixteen GREASE values (RFC 8701). */
  static boolean isGrease(int number) {
    return (number & 0x0f0f) == 0x0a0a && number >> 8 == (number & 0xff);
  }

  private int advance(int length, String field) throws MalformedHelloException {
    if (length > left()) {
      throw new MalformedHelloException(field + ": expected " + length + " bytes; got " + left());
    }
    int from = at;
    at += length;
    return from;
  }
}
