package org.tlsuplift.server.metrics;

import java.net.URI;
import java.time.Duration;
import java.util.Map;

/**
 * Where all meters are sent by OTLP over HTTP, beside being read by Prometheus.
 *
 * @param url of the receiver, http or https, with its path
 * @param interval from one export to the next
 * @param headers what is sent along, such as a token; never logged
 * @param instance what tells this daemon from others, the resource attribute {@code
 *     service.instance.id}
 */
public record OtlpTarget(URI url, Duration interval, Map<String, String> headers, String instance) {
  public OtlpTarget {
    headers = Map.copyOf(headers);
  }

  /** Without the headers' values, since they are secrets. */
  @Override
  public String toString() {
    return "OTLP to " + url + " every " + interval.toSeconds() + " s as " + instance;
  }
}
