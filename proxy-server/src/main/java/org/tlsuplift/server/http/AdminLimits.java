package org.tlsuplift.server.http;

import java.time.Duration;

/**
 * The limits of the connections to the admin port.
 *
 * @param head how long a request line with its headers may take, TLS included, from the connection
 *     or from its first byte
 * @param idle how long a connection may stay without a request
 * @param begin how long a response may take to begin
 * @param stalled how long a written response may stay unread
 * @param connections how many connections are open at once; see {@link ConnectionQuota}
 * @param perAddress how many of them may come from one address
 * @param reserved how many of them are kept for loopback and for addresses that have signed in
 */
record AdminLimits(
    Duration head,
    Duration idle,
    Duration begin,
    Duration stalled,
    int connections,
    int perAddress,
    int reserved) {
  /**
   * Enough for Prometheus, which scrapes about once a minute, and a dashboard with a few
   * connections.
   */
  static final AdminLimits DEFAULT =
      new AdminLimits(
          Duration.ofSeconds(5),
          Duration.ofSeconds(75),
          Duration.ofSeconds(10),
          Duration.ofSeconds(30),
          128,
          32,
          32);

  /**
   * Enough for the path and query of every page, and for the code of an OpenID provider; longer
   * request lines get status 414.
   */
  static final int MAX_REQUEST_LINE = 4096;

  /** The headers of one request, in bytes; longer ones get status 431. */
  static final int MAX_HEADERS = 8192;

  /** The body of one form, in bytes; longer ones get status 413. */
  static final int MAX_FORM = 1 << 16;

  /** The body of an import, in bytes: enough for a list of 2,000 devices. */
  static final int MAX_IMPORT = 1 << 18;

  /** How long it may take. */
  static final Duration FORM_LIMIT = Duration.ofSeconds(5);

  /** How many bytes of an unwanted body are read before it is refused. */
  static final int MAX_DISCARDED = 1 << 20;

  /** How long that may take. */
  static final Duration DISCARD_LIMIT = Duration.ofSeconds(1);
}
