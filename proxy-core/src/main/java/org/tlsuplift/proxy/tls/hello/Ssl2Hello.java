package org.tlsuplift.proxy.tls.hello;

import io.netty.buffer.ByteBuf;
import java.util.ArrayList;
import java.util.List;
import org.tlsuplift.proxy.model.ClientHello.Framing;
import org.tlsuplift.proxy.model.TlsVersion;

/**
 * Reads a ClientHello in SSL 2.0 framing (RFC 5246 appendix E.2).
 *
 * <pre>
 * offset  0  1 | 2    | 3  4    | 5  6         | 7  8              | 9 10             | 11
 *         length | type | version | suites' bytes | session id's bytes | challenge's bytes | suites ...
 * </pre>
 */
final class Ssl2Hello {
  static final int CLIENT_HELLO = 1;

  /** The longest accepted message in bytes, as in BoringSSL ({@code read_v2_client_hello}). */
  static final int MAX_LENGTH = 4096;

  private static final int LENGTH_FIELD = 2;
  private static final int HEADER = 11;
  private static final int SUITE = 3;
  private static final int SESSION_ID = 16;
  private static final int MIN_CHALLENGE = 16;
  private static final int MAX_CHALLENGE = 32;

  private Ssl2Hello() {}

  /**
   * Reads a message whose first byte has the high bit set and whose third byte is the ClientHello
   * type.
   */
  static HelloParse parse(ByteBuf in) throws MalformedHelloException {
    int readable = in.readableBytes();
    if (readable < HEADER) {
      return new HelloParse.NeedMore(HEADER);
    }
    int start = in.readerIndex();
    int length = in.getUnsignedShort(start) & 0x7fff;
    int version = in.getUnsignedShort(start + 3);
    int suites = in.getUnsignedShort(start + 5);
    if (version == TlsVersion.SSL_2.code()) {
      return new HelloParse.NotTls(
          "SSLv2-only hello offering " + suites / SUITE + " suites", false);
    }
    if (version < TlsVersion.SSL_3.code() || version >> 8 != HandshakeRecords.MAJOR_VERSION) {
      return FirstBytes.unknown(in);
    }
    checkLengths(length, suites, in.getUnsignedShort(start + 7), in.getUnsignedShort(start + 9));
    if (readable < LENGTH_FIELD + length) {
      return new HelloParse.NeedMore(LENGTH_FIELD + length);
    }
    List<Integer> offered = new ArrayList<>(suites / SUITE);
    for (int at = start + HEADER; at < start + HEADER + suites; at += SUITE) {
      int suite = in.getUnsignedMedium(at);
      // Numbers above 0xffff are SSL 2.0 suites.
      if (suite <= 0xffff && !HelloReader.isGrease(suite)) {
        offered.add(suite);
      }
    }
    RawHello raw =
        new RawHello(
            Framing.SSL_2,
            length,
            version,
            null,
            offered,
            List.of(),
            null,
            List.of(),
            List.of(),
            List.of());
    return new HelloParse.Parsed(raw.toClientHello());
  }

  private static void checkLengths(int length, int suites, int sessionId, int challenge)
      throws MalformedHelloException {
    if (length > MAX_LENGTH) {
      throw new MalformedHelloException(
          "ClientHello in SSLv2 framing: got " + length + " bytes; expected at most " + MAX_LENGTH);
    }
    if (suites == 0 || suites % SUITE != 0) {
      throw new MalformedHelloException(
          "cipher suites in SSLv2 framing: got %s bytes; expected a multiple of %s"
              .formatted(suites, SUITE));
    }
    if (sessionId != 0 && sessionId != SESSION_ID) {
      throw new MalformedHelloException(
          "session id in SSLv2 framing: got " + sessionId + " bytes; expected 0 or " + SESSION_ID);
    }
    if (challenge < MIN_CHALLENGE || challenge > MAX_CHALLENGE) {
      throw new MalformedHelloException(
          "challenge in SSLv2 framing: got " + challenge + " bytes; expected 16 to 32");
    }
    int needed = HEADER - LENGTH_FIELD + suites + sessionId + challenge;
    if (length != needed) {
      throw new MalformedHelloException(
          "ClientHello in SSLv2 framing: got %s bytes; expected %s by its fields"
              .formatted(length, needed));
    }
  }
}
