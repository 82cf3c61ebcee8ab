package org.tlsuplift.proxy.tls;

import io.netty.handler.ssl.SslProvider;

/** Who computes TLS towards a device. */
enum TlsEngine {
  /** BoringSSL by netty-tcnative: TLS 1.0 to 1.3 with AES. */
  BORINGSSL("BoringSSL", SslProvider.OPENSSL),
  /** The JDK's own: for what BoringSSL has dropped. */
  JDK("JDK", SslProvider.JDK);

  private final String label;
  private final SslProvider provider;

  TlsEngine(String label, SslProvider provider) {
    this.label = label;
    this.provider = provider;
  }

  /** Whether it heeds max_fragment_length (RFC 6066 section 4). */
  boolean keepsRecordsSmall() {
    return this == JDK;
  }

  /** Its name for operators. */
  String label() {
    return label;
  }

  /** The same in Netty's words. */
  SslProvider provider() {
    return provider;
  }
}
