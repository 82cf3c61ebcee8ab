package org.tlsuplift.proxy.tls;

import java.util.List;
import java.util.stream.Stream;
import org.tlsuplift.proxy.model.TlsVersion;

/**
 * The cipher suites that origins are offered: ECDHE with AEAD for either kind of key, then what
 * Microsoft 365 still takes with ECDHE and AES-CBC.
 */
final class UpstreamSuites {
  private static final List<String> TLS_1_2 =
      List.of(
          "TLS_ECDHE_ECDSA_WITH_AES_128_GCM_SHA256",
          "TLS_ECDHE_RSA_WITH_AES_128_GCM_SHA256",
          "TLS_ECDHE_ECDSA_WITH_AES_256_GCM_SHA384",
          "TLS_ECDHE_RSA_WITH_AES_256_GCM_SHA384",
          "TLS_ECDHE_ECDSA_WITH_CHACHA20_POLY1305_SHA256",
          "TLS_ECDHE_RSA_WITH_CHACHA20_POLY1305_SHA256",
          "TLS_ECDHE_RSA_WITH_AES_128_CBC_SHA",
          "TLS_ECDHE_RSA_WITH_AES_256_CBC_SHA");

  private UpstreamSuites() {}

  /** Those for TLS 1.2, and before them those of TLS 1.3 if that is among the versions. */
  static List<String> of(List<TlsVersion> versions) {
    return versions.contains(TlsVersion.TLS_1_3)
        ? Stream.concat(TlsProfile.TLS_1_3_SUITES.stream(), TLS_1_2.stream()).toList()
        : TLS_1_2;
  }
}
