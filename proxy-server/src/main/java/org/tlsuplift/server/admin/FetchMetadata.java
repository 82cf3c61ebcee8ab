package org.tlsuplift.server.admin;

import io.netty.handler.codec.http.HttpHeaders;

/**
 * Judges from where a browser was sent here, by what it says of that itself (W3C Fetch Metadata
 * Request Headers).
 */
final class FetchMetadata {
  private FetchMetadata() {}

  /**
   * Whether a page elsewhere asks for something to put into itself. Who follows a link there may do
   * so: nothing here is changed by being looked at, and that page learns nothing.
   */
  static boolean isEmbedding(HttpHeaders headers) {
    String site = headers.get("Sec-Fetch-Site", "none");
    if (site.equals("none") || site.equals("same-origin")) {
      return false;
    }
    return !(headers.get("Sec-Fetch-Mode", "").equals("navigate")
        && headers.get("Sec-Fetch-Dest", "").equals("document"));
  }
}
