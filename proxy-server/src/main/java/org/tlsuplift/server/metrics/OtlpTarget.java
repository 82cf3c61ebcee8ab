package org.tlsuplift.server.metrics;

import java.net.URI;
import java.time.Duration;
import java.util.Map;

/**
 * A receiver of all meters with OTLP over HTTP.
 *
 * @param url http or https, with a path
 * @param interval between two exports
 * @param headers headers of each request, such as a token; never logged
 * @param instance identifies this daemon, as the resource attribute {@code service.instance.id}
 */
public record OtlpTarget(URI url, Duration interval, Map<String, String> headers, String instance) {
  public OtlpTarget {
    headers = Map.copyOf(headers);
  }

  /** Without header values, which are secrets. */
  @Override
  public String toString() {
    return "OTLP to " + url + " every " + interval.toSeconds() + " s as " + instance;
  }
}
