package org.tlsuplift.server.admin;

import java.util.LinkedHashMap;
import java.util.Map;

/** The headers of every answer, whatever is answered. */
final class SecurityHeaders {
  /** What a page may load and do: only what this port itself serves (W3C CSP Level 3). */
  private static final String POLICY =
      "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self'; font-src 'self';"
          + " connect-src 'self'; form-action 'self'; base-uri 'none'; frame-ancestors 'none'";

  /** A year (RFC 6797): browsers then never come here without TLS. */
  private static final String TRANSPORT = "max-age=31536000";

  private SecurityHeaders() {}

  /**
   * All of them.
   *
   * @param tls whether the port speaks TLS
   */
  static Map<String, String> all(boolean tls) {
    Map<String, String> headers = new LinkedHashMap<>();
    headers.put("Content-Security-Policy", POLICY);
    headers.put("X-Content-Type-Options", "nosniff");
    headers.put("X-Frame-Options", "DENY");
    headers.put("Referrer-Policy", "no-referrer");
    headers.put("Cross-Origin-Opener-Policy", "same-origin");
    headers.put("Cross-Origin-Resource-Policy", "same-origin");
    headers.put("Cross-Origin-Embedder-Policy", "require-corp");
    if (tls) {
      headers.put("Strict-Transport-Security", TRANSPORT);
    }
    return headers;
  }
}
