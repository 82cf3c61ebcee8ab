package org.tlsuplift.proxy.testing;

import java.io.DataInputStream;
import java.io.FilterInputStream;
import java.io.FilterOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.nio.ByteBuffer;

/**
 * The outside of a TLS connection (RFC 5246 section 6.2.1): records without encryption, for tests
 * that send known bytes through a tunnel.
 */
public final class TlsRecords {
  private static final int HANDSHAKE = 22;
  private static final int APPLICATION_DATA = 23;
  private static final int TLS_1_2 = 0x0303;
  private static final int MAX_FRAGMENT = 1 << 14;

  private TlsRecords() {}

  /** A ServerHello that agrees to TLS 1.2. */
  public static byte[] serverHello() {
    int body = 2 + 32 + 1 + 2 + 1;
    return ByteBuffer.allocate(5 + 4 + body)
        .put((byte) HANDSHAKE)
        .putShort((short) TLS_1_2)
        .putShort((short) (4 + body))
        .putInt(2 << 24 | body)
        .putShort((short) TLS_1_2)
        .put(new byte[32 + 1])
        .putShort((short) 0xc02f)
        .put((byte) 0)
        .array();
  }

  /** Wraps written bytes in records of application data. */
  public static OutputStream into(OutputStream out) {
    return new FilterOutputStream(out) {
      @Override
      public void write(byte[] data, int offset, int length) throws IOException {
        for (int from = 0; from < length; from += MAX_FRAGMENT) {
          int fragment = Math.min(MAX_FRAGMENT, length - from);
          byte[] record = new byte[5 + fragment];
          ByteBuffer.wrap(record)
              .put((byte) APPLICATION_DATA)
              .putShort((short) TLS_1_2)
              .putShort((short) fragment)
              .put(data, offset + from, fragment);
          out.write(record);
        }
      }
    };
  }

  /** Reads the contents of application data records, and skips others. */
  public static InputStream outOf(InputStream in) {
    DataInputStream records = new DataInputStream(in);
    return new FilterInputStream(in) {
      private int left;

      @Override
      public int read() throws IOException {
        byte[] one = new byte[1];
        return read(one, 0, 1) < 0 ? -1 : one[0] & 0xff;
      }

      @Override
      public int read(byte[] data, int offset, int length) throws IOException {
        while (left == 0) {
          int type = records.read();
          if (type < 0) {
            return -1;
          }
          records.readUnsignedShort();
          left = records.readUnsignedShort();
          if (type != APPLICATION_DATA) {
            records.skipNBytes(left);
            left = 0;
          }
        }
        int read = records.read(data, offset, Math.min(length, left));
        left -= Math.max(read, 0);
        return read;
      }
    };
  }
}
