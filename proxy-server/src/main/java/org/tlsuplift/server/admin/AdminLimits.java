package org.tlsuplift.server.admin;

import java.time.Duration;

/**
 * What one who connects to the admin server can use up.
 *
 * @param idle how long a connection may stay without a request
 * @param stalled how long a written answer may stay unread
 * @param connections how many connections are open at once; more are closed at once
 * @param perAddress how many of them may come from one address
 */
record AdminLimits(Duration idle, Duration stalled, int connections, int perAddress) {
  /** Prometheus asks at most once a minute or so, and a dashboard has a few connections. */
  static final AdminLimits DEFAULT =
      new AdminLimits(Duration.ofSeconds(75), Duration.ofSeconds(30), 128, 32);

  AdminLimits(Duration idle, Duration stalled, int connections) {
    this(idle, stalled, connections, connections);
  }

  /** A page's path and a query; longer ones get status 414. */
  static final int MAX_REQUEST_LINE = 2048;

  /** The headers of one request, in bytes; longer ones get status 431. */
  static final int MAX_HEADERS = 8192;

  /** How much of an unwanted body is read before it is refused, in bytes. */
  static final int MAX_DISCARDED = 1 << 20;

  /** How long that may take. */
  static final Duration DISCARD_LIMIT = Duration.ofSeconds(1);
}
