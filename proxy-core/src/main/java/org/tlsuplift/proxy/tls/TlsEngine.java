package org.tlsuplift.proxy.tls;

import io.netty.handler.ssl.SslProvider;

/** The TLS implementation towards a device. */
enum TlsEngine {
  /** BoringSSL by netty-tcnative: TLS 1.0 to 1.3 with AES. */
  BORINGSSL("BoringSSL", SslProvider.OPENSSL, 16_384),
  /** The JDK's own: for what BoringSSL has dropped. */
  JDK("JDK", SslProvider.JDK, 65_536);

  private final String label;
  private final SslProvider provider;
  private final int maxHello;

  TlsEngine(String label, SslProvider provider, int maxHello) {
    this.label = label;
    this.provider = provider;
    this.maxHello = maxHello;
  }

  /**
   * The longest ClientHello that it reads, in bytes: {@code SSL_max_handshake_message_len} of
   * BoringSSL, and what {@link RelaxedRuntime#prepare} sets for the JDK.
   */
  int maxHello() {
    return maxHello;
  }

  /** Whether it respects max_fragment_length (RFC 6066 section 4). */
  boolean keepsRecordsSmall() {
    return this == JDK;
  }

  String label() {
    return label;
  }

  SslProvider provider() {
    return provider;
  }
}
