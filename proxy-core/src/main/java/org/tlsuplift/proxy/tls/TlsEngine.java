package org.tlsuplift.proxy.tls;

import io.netty.handler.ssl.SslProvider;

/** Who computes TLS towards a device. */
enum TlsEngine {
  /** BoringSSL by netty-tcnative: TLS 1.0 to 1.3 with AES. */
  BORINGSSL(SslProvider.OPENSSL),
  /** The JDK's own: for what BoringSSL has dropped. */
  JDK(SslProvider.JDK);

  private final SslProvider provider;

  TlsEngine(SslProvider provider) {
    this.provider = provider;
  }

  /** Whether it heeds max_fragment_length (RFC 6066 section 4). */
  boolean keepsRecordsSmall() {
    return this == JDK;
  }

  /** The same in Netty's words. */
  SslProvider provider() {
    return provider;
  }
}
