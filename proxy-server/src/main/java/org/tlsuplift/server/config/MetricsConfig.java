package org.tlsuplift.server.config;

import java.net.URI;
import java.nio.file.Path;
import java.time.Duration;
import org.jspecify.annotations.Nullable;
import org.tlsuplift.server.config.binding.Form;
import org.tlsuplift.server.config.binding.Forms;
import org.tlsuplift.server.config.binding.Key;
import org.tlsuplift.server.config.binding.Problems;
import org.tlsuplift.server.config.secret.HeadersFile;

/**
 * The section {@code metrics}: receivers of metrics besides Prometheus.
 *
 * @param otlp null for none
 */
public record MetricsConfig(@Key(restart = true) @Nullable Otlp otlp) {
  /** Checks the receiver and its headers. */
  void checkFiles(Problems problems) {
    if (otlp == null || otlp.url == null) {
      return;
    }
    if (otlp.url.getRawUserInfo() != null) {
      // Without the value, which contains a secret and would be logged.
      problems.error(
          "metrics.otlp.url",
          "it contains a user name or password",
          Url.ALLOWED,
          "move them to a headersFile: 'Authorization: Basic ...'");
    }
    boolean sent =
        FileChecks.warned(
                "metrics.otlp.headersFile",
                otlp.headersFile,
                "its headers are secret",
                HeadersFile::read,
                problems)
            != null;
    if (sent && "http".equals(otlp.url.getScheme()) && !isHere(otlp.url.getHost())) {
      problems.warning(
          "metrics.otlp.url",
          "'" + otlp.url + "' is not encrypted, but would receive the headersFile",
          "use https, or a receiver on this machine");
    }
  }

  private static boolean isHere(String host) {
    return host.equals("localhost") || host.startsWith("127.") || host.equals("[::1]");
  }

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
  static final class Url implements Form<URI> {
    static final String ALLOWED = "http://host:port/v1/metrics or https://host:port/v1/metrics";

    @Override
    public URI parse(String text) {
      URI url = Forms.url(text);
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
