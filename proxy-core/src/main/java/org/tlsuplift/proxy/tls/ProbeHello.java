package org.tlsuplift.proxy.tls;

import java.nio.ByteBuffer;
import java.security.SecureRandom;
import org.tlsuplift.proxy.model.TlsVersion;
import org.tlsuplift.proxy.tls.hello.ClientHelloBody;
import org.tlsuplift.proxy.tls.hello.HandshakeRecords;

/** The ClientHello of a device that offers one version and one suite, with the usual extensions. */
final class ProbeHello {
  private static final int CLIENT_HELLO = 1;
  private static final int X25519 = 29;
  private static final int P_256 = 23;

  /** RSA PSS, RSA, ECDSA with SHA-256; then both with SHA-1 (RFC 8446 section 4.2.3). */
  private static final int[] SIGNATURES = {0x0804, 0x0401, 0x0403, 0x0201, 0x0203};

  private final ByteBuffer out = ByteBuffer.allocate(512);

  private ProbeHello(TlsVersion version, int suite) {
    boolean tls13 = version == TlsVersion.TLS_1_3;
    TlsVersion written = tls13 ? TlsVersion.TLS_1_2 : version;
    out.put((byte) HandshakeRecords.HANDSHAKE);
    out.putShort((short) (tls13 ? TlsVersion.TLS_1_0 : version).code());
    int record = mark();
    out.put((byte) CLIENT_HELLO).put((byte) 0);
    int message = mark();
    out.putShort((short) written.code()).put(random()).put((byte) 0);
    out.putShort((short) 2).putShort((short) suite).put((byte) 1).put((byte) 0);
    if (version != TlsVersion.SSL_3) {
      int extensions = mark();
      list(ClientHelloBody.SUPPORTED_GROUPS, X25519, P_256);
      if (!version.isLegacy()) {
        list(ClientHelloBody.SIGNATURE_ALGORITHMS, SIGNATURES);
      }
      if (tls13) {
        tls13();
      }
      close(extensions);
    }
    close(message);
    close(record);
    out.flip();
  }

  static ByteBuffer of(TlsVersion version, int suite) {
    return new ProbeHello(version, suite).out;
  }

  private void tls13() {
    out.putShort((short) ClientHelloBody.SUPPORTED_VERSIONS).putShort((short) 3).put((byte) 2);
    out.putShort((short) TlsVersion.TLS_1_3.code());
    // Any 32 bytes are a public key of X25519 (RFC 7748 section 5).
    out.putShort((short) ClientHelloBody.KEY_SHARE).putShort((short) 38).putShort((short) 36);
    out.putShort((short) X25519).putShort((short) 32).put(random());
  }

  private void list(int type, int... numbers) {
    out.putShort((short) type).putShort((short) (2 + 2 * numbers.length));
    out.putShort((short) (2 * numbers.length));
    for (int number : numbers) {
      out.putShort((short) number);
    }
  }

  private static byte[] random() {
    byte[] random = new byte[32];
    new SecureRandom().nextBytes(random);
    return random;
  }

  /** Leaves room for a length. */
  private int mark() {
    out.putShort((short) 0);
    return out.position();
  }

  private void close(int start) {
    out.putShort(start - 2, (short) (out.position() - start));
  }
}
