package org.tlsuplift.server.it.peer;

import java.io.IOException;
import java.io.InputStream;
import java.nio.ByteBuffer;

/**
 * What a server says first to a ClientHello.
 *
 * @param version the number of the version agreed, or 0
 * @param suite the number of the suite agreed, or 0
 * @param alert the number of the alert sent instead, or -1
 */
public record ServerAnswer(int version, int suite, int alert) {
  private static final int ALERT = 21;
  private static final int HANDSHAKE = 22;
  private static final int SUPPORTED_VERSIONS = 43;

  /** Reads the first record, which holds a whole ServerHello or an alert. */
  public static ServerAnswer read(InputStream from) throws IOException {
    byte[] header = from.readNBytes(5);
    if (header.length < 5) {
      throw new IOException("the connection ended without an answer");
    }
    ByteBuffer in =
        ByteBuffer.wrap(from.readNBytes(((header[3] & 0xff) << 8) | (header[4] & 0xff)));
    return switch (header[0]) {
      case ALERT -> new ServerAnswer(0, 0, in.get(1));
      case HANDSHAKE -> serverHello(in);
      default -> throw new IOException("a record of type " + header[0]);
    };
  }

  /** RFC 8446 section 4.1.3. */
  private static ServerAnswer serverHello(ByteBuffer in) {
    int end = 4 + (((in.get(1) & 0xff) << 16) | (in.getShort(2) & 0xffff));
    int version = in.getShort(4) & 0xffff;
    in.position(4 + 2 + 32);
    in.position(in.position() + 1 + in.get(in.position()));
    int suite = in.getShort() & 0xffff;
    in.get();
    if (in.position() < end) {
      in.getShort();
    }
    while (in.position() < end) {
      int type = in.getShort() & 0xffff;
      int length = in.getShort() & 0xffff;
      if (type == SUPPORTED_VERSIONS) {
        version = in.getShort(in.position()) & 0xffff;
      }
      in.position(in.position() + length);
    }
    return new ServerAnswer(version, suite, -1);
  }
}
