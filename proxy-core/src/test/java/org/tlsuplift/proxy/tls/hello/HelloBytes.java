package org.tlsuplift.proxy.tls.hello;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.ByteBufUtil;
import io.netty.buffer.Unpooled;
import java.nio.charset.StandardCharsets;
import java.util.HexFormat;

/** Builds ClientHellos and ServerHellos byte by byte by the RFCs, well-formed or not. */
final class HelloBytes {
  static final int CLIENT_HELLO = 1;
  static final int SERVER_HELLO = 2;
  private static final HexFormat HEX = HexFormat.of();

  private String version = "0301";
  private String random = "ab".repeat(32);
  private String sessionId = "";
  private String suites = "";
  private String compression = "00";
  private String extensions = "";
  private boolean extensionBlock;
  private String tail = "";

  private HelloBytes() {}

  /** A ClientHello with a version and suites in hexadecimal digits. */
  static HelloBytes hello(String version, String suites) {
    HelloBytes hello = new HelloBytes();
    hello.version = version;
    hello.suites = suites;
    return hello;
  }

  HelloBytes random(String hex) {
    random = hex;
    return this;
  }

  HelloBytes sessionId(String hex) {
    sessionId = hex;
    return this;
  }

  HelloBytes compression(String hex) {
    compression = hex;
    return this;
  }

  HelloBytes emptyExtensionBlock() {
    extensionBlock = true;
    return this;
  }

  HelloBytes extension(String type, String hex) {
    extensionBlock = true;
    extensions += type + vector16(hex);
    return this;
  }

  HelloBytes serverName(String... names) {
    StringBuilder list = new StringBuilder();
    for (String name : names) {
      list.append("00").append(vector16(latin1(name)));
    }
    return extension("0000", vector16(list.toString()));
  }

  HelloBytes alpn(String... names) {
    StringBuilder list = new StringBuilder();
    for (String name : names) {
      list.append(vector8(latin1(name)));
    }
    return extension("0010", vector16(list.toString()));
  }

  HelloBytes supportedVersions(String hex) {
    return extension("002b", vector8(hex));
  }

  HelloBytes groups(String hex) {
    return extension("000a", vector16(hex));
  }

  HelloBytes signatureAlgorithms(String hex) {
    return extension("000d", vector16(hex));
  }

  /** Bytes after the end of the extensions, within the message. */
  HelloBytes tail(String hex) {
    tail = hex;
    return this;
  }

  /** The ClientHello message in one record. */
  ByteBuf bytes() {
    return records(1 << 14);
  }

  /** The ClientHello message in records of at most {@code size} bytes. */
  ByteBuf records(int size) {
    return records(CLIENT_HELLO, clientBody(), size);
  }

  /** A ServerHello message in one record. Its suites are the agreed suite. */
  ByteBuf serverBytes() {
    return records(SERVER_HELLO, serverBody(), 1 << 14);
  }

  ByteBuf serverRecords(int size) {
    return records(SERVER_HELLO, serverBody(), size);
  }

  private String clientBody() {
    return version
        + random
        + vector8(sessionId)
        + vector16(suites)
        + vector8(compression)
        + (extensionBlock ? vector16(extensions) : "")
        + tail;
  }

  private String serverBody() {
    return version
        + random
        + vector8(sessionId)
        + suites
        + compression
        + (extensionBlock ? vector16(extensions) : "")
        + tail;
  }

  static ByteBuf records(int messageType, String body, int size) {
    String message = "%02x%06x".formatted(messageType, body.length() / 2) + body;
    ByteBuf out = Unpooled.buffer();
    for (int at = 0; at < message.length(); at += 2 * size) {
      String part = message.substring(at, Math.min(message.length(), at + 2 * size));
      out.writeBytes(HEX.parseHex("160301" + vector16(part)));
    }
    return out;
  }

  /** A ClientHello in SSLv2 framing. Each suite has three bytes. */
  static ByteBuf ssl2(String version, String suites, String sessionId, String challenge) {
    String body =
        "01"
            + version
            + "%04x%04x%04x"
                .formatted(suites.length() / 2, sessionId.length() / 2, challenge.length() / 2)
            + suites
            + sessionId
            + challenge;
    return hex("%04x".formatted(0x8000 | (body.length() / 2)) + body);
  }

  static ByteBuf hex(String digits) {
    return Unpooled.wrappedBuffer(HEX.parseHex(digits));
  }

  static ByteBuf ascii(String text) {
    return Unpooled.copiedBuffer(text, StandardCharsets.US_ASCII);
  }

  static String digits(ByteBuf bytes) {
    return ByteBufUtil.hexDump(bytes);
  }

  static String vector8(String hex) {
    return "%02x".formatted(hex.length() / 2) + hex;
  }

  static String vector16(String hex) {
    return "%04x".formatted(hex.length() / 2) + hex;
  }

  private static String latin1(String text) {
    return HEX.formatHex(text.getBytes(StandardCharsets.ISO_8859_1));
  }
}
