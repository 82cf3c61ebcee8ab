package org.tlsuplift.proxy.model;

import org.jspecify.annotations.Nullable;

/**
 * The parameters that two sides agreed on in a completed handshake.
 *
 * @param cipherSuite the name in the IANA registry, such as {@code
 *     TLS_ECDHE_RSA_WITH_AES_128_CBC_SHA}
 * @param applicationProtocol the agreed ALPN name, or null
 * @param group the name of the key exchange's group in the IANA registry, such as {@code
 *     X25519MLKEM768}, or null if it is not known
 */
public record TlsParameters(
    TlsVersion version,
    String cipherSuite,
    @Nullable String applicationProtocol,
    @Nullable String group) {
  /** Parameters without a known group. */
  public TlsParameters(
      TlsVersion version, String cipherSuite, @Nullable String applicationProtocol) {
    this(version, cipherSuite, applicationProtocol, null);
  }
}
