package org.tlsuplift.proxy.upstream.dial;

import java.time.Duration;
import org.tlsuplift.proxy.route.Egress;
import org.tlsuplift.proxy.route.PrivateAddresses;

/**
 * How to reach origins, and how long that may take.
 *
 * @param resolveTimeout for all DNS queries of one session together
 * @param connectTimeout for each address
 * @param handshakeTimeout for TLS, once connected
 * @param replyTimeout for each reply of a mail origin before TLS, and for an HTTP response
 * @param sources where connections come from
 * @param egress how they leave, unless a route differs
 * @param privateAddresses which origins may have addresses in private networks
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
  /** Some origins greet strangers late on purpose. */
  public static final Duration REPLY_TIMEOUT = Duration.ofSeconds(30);
}
