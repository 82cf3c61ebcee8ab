package org.tlsuplift.proxy.upstream;

import java.time.Duration;

/**
 * How long an origin may take.
 *
 * @param resolveTimeout for all DNS queries of one session together
 * @param connectTimeout for each address
 * @param handshakeTimeout for TLS, once connected
 * @param replyTimeout for each answer of a mail origin before TLS, and for that of an HTTP origin
 */
public record UpstreamSpec(
    Duration resolveTimeout,
    Duration connectTimeout,
    Duration handshakeTimeout,
    Duration replyTimeout) {
  /** Long enough for origins that greet strangers late on purpose. */
  private static final Duration REPLY_TIMEOUT = Duration.ofSeconds(30);

  /** Waits 30 seconds for each answer of a mail origin. */
  public UpstreamSpec(Duration resolveTimeout, Duration connectTimeout, Duration handshakeTimeout) {
    this(resolveTimeout, connectTimeout, handshakeTimeout, REPLY_TIMEOUT);
  }
}
