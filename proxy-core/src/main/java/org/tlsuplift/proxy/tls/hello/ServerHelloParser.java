package org.tlsuplift.proxy.tls.hello;

import io.netty.buffer.ByteBuf;
import java.util.Arrays;
import java.util.HexFormat;
import java.util.Optional;
import org.jspecify.annotations.Nullable;
import org.tlsuplift.proxy.model.TlsParameters;
import org.tlsuplift.proxy.model.TlsVersion;

/** Reads the agreed parameters from an origin's ServerHello: RFC 8446 section 4.1.3. */
public final class ServerHelloParser {
  /**
   * The longest accepted ServerHello in bytes; real ones have about 100. With headers it fits into
   * the guard's limit.
   */
  static final int MAX_BODY = ServerHelloGuard.MAX_HELD - 9;

  private static final int SERVER_HELLO = 2;
  private static final int RANDOM_BYTES = 32;

  /** The random of a HelloRetryRequest, which exists only in TLS 1.3 (RFC 8446 section 4.1.3). */
  private static final byte[] RETRY =
      HexFormat.of().parseHex("cf21ad74e59a6111be1d8c021e65b891c2a211167abb8c5e079e09e2c8a8339c");

  private final HelloReader hello;
  private int selectedVersion;
  private @Nullable String protocol;
  private @Nullable String group;

  private ServerHelloParser(HelloReader hello) {
    this.hello = hello;
  }

  /** The result for the bytes that have arrived. */
  public sealed interface Answer {
    /** More bytes are needed: {@code bytes} in total. */
    record NeedMore(int bytes) implements Answer {}

    /**
     * A ServerHello.
     *
     * @param again whether the message requests a second ClientHello (HelloRetryRequest)
     */
    record Agreed(TlsParameters parameters, boolean again) implements Answer {}

    /** A ServerHello with a version newer than TLS 1.3. */
    record Newer() implements Answer {}

    /** Not a ServerHello, or one that ends before its version and suite. */
    record Unreadable(String why) implements Answer {}
  }

  /** Reads from the first byte of a handshake record; consumes nothing and never throws. */
  public static Answer parse(ByteBuf in) {
    try {
      HandshakeRecords.Found found = HandshakeRecords.firstMessage(in, SERVER_HELLO, MAX_BODY);
      if (found instanceof HandshakeRecords.Found.Message message) {
        return read(message.body());
      }
      return new Answer.NeedMore(((HandshakeRecords.Found.Incomplete) found).bytes());
    } catch (MalformedHelloException malformed) {
      return new Answer.Unreadable(String.valueOf(malformed.getMessage()));
    }
  }

  /** Reads the body of a ServerHello. */
  static Answer read(HelloReader body) throws MalformedHelloException {
    return new ServerHelloParser(body).read();
  }

  private Answer read() throws MalformedHelloException {
    int version = hello.u16("version");
    boolean retry = Arrays.equals(hello.take(RANDOM_BYTES, "random").bytes(), RETRY);
    hello.vector8("session id");
    int suite = hello.u16("cipher suite");
    hello.u8("compression method");
    // A ServerHello from before RFC 3546 ends here.
    if (!hello.isEmpty()) {
      readExtensions();
    }
    return answer(agreedVersion(version, retry), suite, retry);
  }

  /**
   * The oldest version that a device could accept from the message. For TLS 1.3 the version field
   * must be TLS 1.2, so a lower field counts even if the extension has TLS 1.3.
   */
  private int agreedVersion(int version, boolean retry) {
    if (version != TlsVersion.TLS_1_2.code()) {
      return version;
    }
    if (selectedVersion != 0) {
      return selectedVersion;
    }
    return retry ? TlsVersion.TLS_1_3.code() : version;
  }

  private void readExtensions() throws MalformedHelloException {
    HelloReader extensions = hello.vector16("extensions");
    while (!extensions.isEmpty()) {
      int type = extensions.u16("extension type");
      HelloReader data = extensions.vector16("extension " + type);
      if (type == ClientHelloBody.SUPPORTED_VERSIONS) {
        selectedVersion = data.u16("supported versions");
      } else if (type == ClientHelloBody.APPLICATION_PROTOCOLS) {
        protocol = data.vector16("ALPN").vector8("ALPN").text();
      } else if (type == ClientHelloBody.KEY_SHARE && data.left() > 1) {
        group = NamedGroups.nameOf(data.u16("key share"));
      }
    }
  }

  private Answer answer(int code, int suite, boolean retry) {
    if (code > TlsVersion.TLS_1_3.code()) {
      return new Answer.Newer();
    }
    // An unknown number is below SSL 3.0, so it counts as SSL 2.0.
    Optional<TlsVersion> known = TlsVersion.ofCode(code);
    return new Answer.Agreed(
        new TlsParameters(
            known.orElse(TlsVersion.SSL_2), CipherSuites.nameOf(suite), protocol, group),
        retry);
  }
}
