package org.tlsuplift.server.config;

import java.net.URI;
import java.net.URISyntaxException;
import java.nio.file.Path;
import java.time.Duration;
import org.jspecify.annotations.Nullable;
import org.tlsuplift.server.config.yaml.Form;
import org.tlsuplift.server.config.yaml.Key;

/**
 * The section {@code metrics}: receivers of metrics besides Prometheus.
 *
 * @param otlp null for none
 */
public record MetricsConfig(@Key(restart = true) @Nullable Otlp otlp) {
  /**
   * A receiver of metrics with OTLP over HTTP.
   *
   * @param url http or https, with a path
   * @param interval between two exports
   * @param headersFile HTTP headers, or null
   */
  public record Otlp(
      @Key(required = true, form = Url.class) URI url,
      @Key(fallback = "1m", min = "1s", max = "1h") Duration interval,
      @Nullable Path headersFile) {}

  /** The address of a receiver. */
  @Form.Rules(expected = Url.ALLOWED, pattern = "^https?://[^/\\s?#@]+/[^\\s?#][^\\s#]*$")
  public static final class Url implements Form<URI> {
    public static final String ALLOWED =
        "http://host:port/v1/metrics or https://host:port/v1/metrics";

    @Override
    public URI parse(String text) {
      URI url;
      try {
        url = new URI(text);
      } catch (URISyntaxException malformed) {
        throw new IllegalArgumentException("", malformed);
      }
      if (url.getHost() == null
          || url.getRawFragment() != null
          || !("http".equals(url.getScheme()) || "https".equals(url.getScheme()))) {
        throw new IllegalArgumentException("");
      }
      if (url.getRawPath().isEmpty() || url.getRawPath().equals("/")) {
        throw new IllegalArgumentException("add the path; most receivers use /v1/metrics");
      }
      return url;
    }
  }
}
