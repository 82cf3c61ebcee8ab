package org.tlsuplift.server.microsoft365;

import java.time.Instant;

/** What a refresh led to. In every case but the first the list that is in use stays. */
public sealed interface RefreshResult {
  /**
   * A newer list was stored.
   *
   * @param list the newer one
   */
  record Replaced(PublishedList list) implements RefreshResult {}

  /** The web service has no newer list. */
  record Unchanged() implements RefreshResult {}

  /**
   * No request was sent, because the web service has refused one with 429.
   *
   * @param until when a request may be sent
   */
  record Waiting(Instant until) implements RefreshResult {}

  /**
   * There is no usable newer list.
   *
   * @param why one line with the cause and the remedy
   */
  record Failed(String why) implements RefreshResult {}
}
