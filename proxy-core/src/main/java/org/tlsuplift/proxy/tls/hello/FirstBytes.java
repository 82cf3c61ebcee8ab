package org.tlsuplift.proxy.tls.hello;

import io.netty.buffer.ByteBuf;
import java.nio.charset.StandardCharsets;
import java.util.HexFormat;
import java.util.List;

/**
 * Names the protocol of a device that does not send TLS, so that the operator can find the wrong
 * port or setting.
 */
final class FirstBytes {
  private static final List<Opening> OPENINGS =
      List.of(
          new Opening("GET ", "plain HTTP request (GET)"),
          new Opening("POST ", "plain HTTP request (POST)"),
          new Opening("HEAD ", "plain HTTP request (HEAD)"),
          new Opening("PUT ", "plain HTTP request (PUT)"),
          new Opening("PATCH ", "plain HTTP request (PATCH)"),
          new Opening("DELETE ", "plain HTTP request (DELETE)"),
          new Opening("OPTIONS ", "plain HTTP request (OPTIONS)"),
          new Opening("TRACE ", "plain HTTP request (TRACE)"),
          new Opening("CONNECT ", "HTTP proxy request (CONNECT)"),
          new Opening("PRI * HTTP/2.0", "plain HTTP/2 preface"),
          new Opening("EHLO", "plain SMTP (EHLO)"),
          new Opening("HELO", "plain SMTP (HELO)"),
          new Opening("LHLO", "plain LMTP (LHLO)"),
          new Opening("MAIL FROM", "plain SMTP (MAIL FROM)"),
          new Opening("STARTTLS", "plain SMTP (STARTTLS)"),
          new Opening("CAPA", "plain POP3 (CAPA)"),
          new Opening("STLS", "plain POP3 (STLS)"),
          new Opening("USER ", "plain POP3 or FTP (USER)"),
          new Opening("APOP ", "plain POP3 (APOP)"),
          new Opening("220", "greeting of an SMTP or FTP server"),
          new Opening("* OK", "greeting of an IMAP server"),
          new Opening("+OK", "greeting of a POP3 server"),
          new Opening("SSH-", "SSH"),
          new Opening("PROXY ", "PROXY header, version 1"),
          bytes("0d0a0d0a000d0a515549540a", "PROXY header, version 2"),
          bytes("0401", "SOCKS 4 request"),
          bytes("05", "SOCKS 5 greeting"),
          tlsRecord("1503", "TLS alert"),
          tlsRecord("1403", "TLS ChangeCipherSpec"),
          tlsRecord("1703", "TLS application data"),
          bytes("0300", "RDP (TPKT header)"));

  private FirstBytes() {}

  /**
   * The first bytes of a protocol.
   *
   * @param start one character per byte; a capital letter matches both cases
   * @param plaintext false for a TLS record
   */
  private record Opening(String start, String what, boolean plaintext) {
    Opening(String start, String what) {
      this(start, what, true);
    }

    boolean agreesWith(ByteBuf in, int length) {
      for (int i = 0; i < length; i++) {
        if (upper(in.getUnsignedByte(in.readerIndex() + i)) != start.charAt(i)) {
          return false;
        }
      }
      return true;
    }

    private static int upper(int b) {
      return b >= 'a' && b <= 'z' ? b - 'a' + 'A' : b;
    }
  }

  /** Names the protocol when enough bytes have arrived. The buffer must have at least one. */
  static HelloParse classify(ByteBuf in) {
    int wanted = Integer.MAX_VALUE;
    for (Opening opening : OPENINGS) {
      int length = Math.min(in.readableBytes(), opening.start.length());
      if (opening.agreesWith(in, length)) {
        if (length == opening.start.length()) {
          return new HelloParse.NotTls(opening.what, opening.plaintext);
        }
        wanted = Math.min(wanted, length + 1);
      }
    }
    return wanted == Integer.MAX_VALUE ? unknown(in) : new HelloParse.NeedMore(wanted);
  }

  /** Reports at most one byte, and only if it is not text, because text may be a password. */
  static HelloParse.NotTls unknown(ByteBuf in) {
    int first = in.getUnsignedByte(in.readerIndex());
    boolean text =
        (first >= ' ' && first < 0x7f) || first == '\r' || first == '\n' || first == '\t';
    return new HelloParse.NotTls(
        text
            ? "text in an unknown protocol"
            : "unknown bytes that start with 0x" + HexFormat.of().toHexDigits((byte) first));
  }

  private static Opening bytes(String hex, String what) {
    return new Opening(ofHex(hex), what);
  }

  private static Opening tlsRecord(String hex, String what) {
    return new Opening(ofHex(hex), what, false);
  }

  private static String ofHex(String hex) {
    return new String(HexFormat.of().parseHex(hex), StandardCharsets.ISO_8859_1);
  }
}
