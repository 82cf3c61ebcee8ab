package org.tlsuplift.proxy.upstream.dial;

import java.time.Duration;
import org.tlsuplift.proxy.route.Egress;
import org.tlsuplift.proxy.route.PrivateAddresses;

/**
 * The settings of connections to origins.
 *
 * @param resolveTimeout the limit of all DNS queries for one host name together
 * @param connectTimeout the limit of each connection attempt
 * @param handshakeTimeout the limit of the TLS handshake
 * @param replyTimeout the limit of each reply from a mail origin before the relay, and of an HTTP
 *     response head
 * @param sources the local addresses of connections
 * @param egress the upstream proxy and the PROXY header, unless the route sets its own
 * @param privateAddresses the origins that may have addresses in private networks
 * @param spareConnections the connections that are dialled in advance for each busy origin of a
 *     fixed listener and each event loop, 0 to 4
 * @param postQuantum whether origins with TLS 1.3 are offered X25519MLKEM768
 */
public record UpstreamSpec(
    Duration resolveTimeout,
    Duration connectTimeout,
    Duration handshakeTimeout,
    Duration replyTimeout,
    SourceAddresses sources,
    Egress egress,
    RevocationMode revocation,
    PrivateAddresses privateAddresses,
    int spareConnections,
    boolean postQuantum) {
  /** The default of {@code replyTimeout}. Some mail origins delay their greeting on purpose. */
  public static final Duration REPLY_TIMEOUT = Duration.ofSeconds(30);

  public static final int MAX_SPARE_CONNECTIONS = 4;
}
