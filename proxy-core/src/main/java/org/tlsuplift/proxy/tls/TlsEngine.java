package org.tlsuplift.proxy.tls;

import io.netty.handler.ssl.SslProvider;

/** The TLS implementation on the device's side. */
public enum TlsEngine {
  /** BoringSSL in netty-tcnative: TLS 1.0 to 1.3 with AES. */
  BORINGSSL("BoringSSL", SslProvider.OPENSSL, 16_384),
  /** The JDK's engine, for the versions and suites that BoringSSL has removed. */
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
   * The longest ClientHello that the engine reads, in bytes: {@code SSL_max_handshake_message_len}
   * of BoringSSL, and the value that {@link RelaxedRuntime#prepare} sets for the JDK.
   */
  public int maxHello() {
    return maxHello;
  }

  /** Whether the engine respects max_fragment_length (RFC 6066 section 4). */
  boolean keepsRecordsSmall() {
    return this == JDK;
  }

  public String label() {
    return label;
  }

  public SslProvider provider() {
    return provider;
  }
}
