package org.tlsuplift.proxy.upstream.dial;

import java.time.Duration;
import org.tlsuplift.proxy.route.Egress;
import org.tlsuplift.proxy.route.PrivateAddresses;

/**
 * The settings and timeouts of connections to origins.
 *
 * @param resolveTimeout for all DNS queries of one session together
 * @param connectTimeout for each address
 * @param handshakeTimeout for the TLS handshake
 * @param replyTimeout for each reply of a mail origin before TLS, and for an HTTP response
 * @param sources the local addresses of connections
 * @param egress the way that connections leave, unless the route has another
 * @param privateAddresses the origins that may have addresses in private networks
 */
public record UpstreamSpec(
    Duration resolveTimeout,
    Duration connectTimeout,
    Duration handshakeTimeout,
    Duration replyTimeout,
    SourceAddresses sources,
    Egress egress,
    RevocationMode revocation,
    PrivateAddresses privateAddresses) {
  /** Some mail origins delay their greeting on purpose. */
  public static final Duration REPLY_TIMEOUT = Duration.ofSeconds(30);
}
