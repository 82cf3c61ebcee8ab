package org.tlsuplift.proxy.model;

import org.jspecify.annotations.Nullable;

/**
 * The parameters that two sides agreed on in a completed handshake.
 *
 * @param cipherSuite the name in the IANA registry, such as {@code
 *     TLS_ECDHE_RSA_WITH_AES_128_CBC_SHA}
 * @param applicationProtocol the agreed ALPN name, or null
 */
public record TlsParameters(
    TlsVersion version, String cipherSuite, @Nullable String applicationProtocol) {}
