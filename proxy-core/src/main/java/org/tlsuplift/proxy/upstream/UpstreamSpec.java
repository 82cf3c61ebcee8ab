package org.tlsuplift.proxy.upstream;

import java.time.Duration;

/**
 * How long an origin may take.
 *
 * @param resolveTimeout for all DNS queries of one session together
 * @param connectTimeout for each address
 * @param handshakeTimeout for TLS, once connected
 */
public record UpstreamSpec(
    Duration resolveTimeout, Duration connectTimeout, Duration handshakeTimeout) {}
