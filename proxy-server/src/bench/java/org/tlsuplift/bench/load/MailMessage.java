package org.tlsuplift.bench.load;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import java.nio.charset.StandardCharsets;
import java.util.Base64;
import java.util.Random;
import java.util.zip.CRC32;

/** The data of a message as a device sends it, with the dot that ends it. */
final class MailMessage {
  private static final int SIZE = 5_000_000;
  private static final int CHUNK = 64 * 1024;
  private static final String END = ".\r\n";
  private static final String HEADER =
      """
      From: Scanner <scanner@device.example>\r
      To: office@device.example\r
      Subject: Scan\r
      MIME-Version: 1.0\r
      Content-Type: application/pdf; name="scan.pdf"\r
      Content-Transfer-Encoding: base64\r
      \r
      """;

  /** A scan of 5 MB: a header, and base64 in lines of 76 characters. */
  static final MailMessage SCAN = new MailMessage(HEADER + scan(SIZE - HEADER.length()) + END);

  /** Has a dot between line ends that some servers mistake for the end of the message. */
  static final MailMessage AMBIGUOUS = new MailMessage(HEADER + "text\n.\r\n\r\n" + END);

  private final ByteBuf bytes;
  private final String receipt;

  private MailMessage(String text) {
    byte[] ascii = text.getBytes(StandardCharsets.US_ASCII);
    CRC32 sum = new CRC32();
    sum.update(ascii);
    this.bytes =
        Unpooled.unreleasableBuffer(
            Unpooled.directBuffer(ascii.length).writeBytes(ascii).asReadOnly());
    this.receipt = receipt(ascii.length, sum);
  }

  private static String scan(int length) {
    byte[] image = new byte[length];
    new Random(1).nextBytes(image);
    String lines = Base64.getMimeEncoder(76, new byte[] {'\r', '\n'}).encodeToString(image);
    return lines.substring(0, length - 2) + "\r\n";
  }

  /** The reply of an origin that has received these bytes. */
  static String receipt(long length, CRC32 sum) {
    return "250 2.6.0 " + length + " " + Long.toHexString(sum.getValue()) + "\r\n";
  }

  /** The reply of an origin that has received this message, complete and unchanged. */
  String receipt() {
    return receipt;
  }

  int length() {
    return bytes.readableBytes();
  }

  ByteBuf part(int from) {
    return bytes.slice(from, Math.min(CHUNK, length() - from));
  }
}
