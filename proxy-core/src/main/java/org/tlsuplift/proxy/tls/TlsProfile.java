package org.tlsuplift.proxy.tls;

import java.util.List;
import java.util.stream.Stream;
import org.tlsuplift.proxy.session.TlsVersion;

/**
 * A named policy for the device's side: which versions and cipher suites a listener agrees to.
 *
 * <p>Suites are JDK names in our order of preference. All profiles are served by BoringSSL today; a
 * profile for what BoringSSL has dropped (SSL 3.0, RC4, 3DES) will name another engine and be
 * chosen per connection.
 *
 * @param name as the configuration says it
 * @param versions newest first
 * @param cipherSuites in our order of preference; a device's own order does not count
 */
public record TlsProfile(String name, List<TlsVersion> versions, List<String> cipherSuites) {
  static final List<String> TLS_1_3_SUITES =
      List.of("TLS_AES_128_GCM_SHA256", "TLS_AES_256_GCM_SHA384", "TLS_CHACHA20_POLY1305_SHA256");

  /** ECDHE with AEAD, for a leaf with an RSA key. */
  static final List<String> ECDHE_RSA_AEAD =
      List.of(
          "TLS_ECDHE_RSA_WITH_AES_128_GCM_SHA256",
          "TLS_ECDHE_RSA_WITH_AES_256_GCM_SHA384",
          "TLS_ECDHE_RSA_WITH_CHACHA20_POLY1305_SHA256");

  /** TLS 1.2 and 1.3 with ECDHE and AEAD only. */
  public static final TlsProfile MODERN =
      new TlsProfile(
          "modern",
          List.of(TlsVersion.TLS_1_3, TlsVersion.TLS_1_2),
          Stream.of(TLS_1_3_SUITES, ECDHE_RSA_AEAD).flatMap(List::stream).toList());

  /** Copies the lists. */
  public TlsProfile {
    versions = List.copyOf(versions);
    cipherSuites = List.copyOf(cipherSuites);
  }

  /** What this profile allows, in one line for the operator. */
  public String allowed() {
    return "profile '"
        + name
        + "': "
        + String.join(", ", versions.stream().map(TlsVersion::label).toList())
        + " with "
        + String.join(", ", cipherSuites);
  }
}
