package org.tlsuplift.proxy.upstream.dial;

import java.time.Duration;
import org.tlsuplift.proxy.route.Egress;
import org.tlsuplift.proxy.route.PrivateAddresses;

/**
 * How origins are reached, and how long they may take.
 *
 * @param resolveTimeout for all DNS queries of one session together
 * @param connectTimeout for each address
 * @param handshakeTimeout for TLS, once connected
 * @param replyTimeout for each answer of a mail origin before TLS, and for that of an HTTP origin
 * @param sources where connections come from
 * @param egress how they leave, where no route says otherwise
 * @param revocation how much is done to learn whether an origin's certificate was revoked
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
  /** Long enough for origins that greet strangers late on purpose. */
  public static final Duration REPLY_TIMEOUT = Duration.ofSeconds(30);
}
