package org.tlsuplift.server.config.load;

import java.net.URI;
import java.net.URISyntaxException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Optional;
import org.jspecify.annotations.Nullable;
import org.tlsuplift.server.config.ServerConfig;
import org.tlsuplift.server.config.yaml.FilePath;
import org.tlsuplift.server.config.yaml.Section;

/** Reads {@code metrics}. */
public final class MetricsReader {
  private static final Duration INTERVAL = Duration.ofMinutes(1);

  private MetricsReader() {}

  static ServerConfig.Metrics read(Section section) {
    Section otlp = section.section("otlp");
    ServerConfig.Metrics metrics =
        new ServerConfig.Metrics(section.has("otlp") ? otlp(otlp) : null);
    section.end();
    return metrics;
  }

  /** Null if its address is missing or invalid, which is already reported. */
  private static ServerConfig.@Nullable Otlp otlp(Section section) {
    Optional<URI> url = section.required("url", ServerConfig.Otlp.ALLOWED, MetricsReader::url);
    Duration interval =
        section.duration("interval", INTERVAL, Duration.ofSeconds(1), Duration.ofHours(1));
    Path headersFile = section.value("headersFile", ConfigReader.PATH, FilePath::of).orElse(null);
    section.end();
    return url.isEmpty() ? null : new ServerConfig.Otlp(url.get(), interval, headersFile);
  }

  private static URI url(String text) {
    URI url;
    try {
      url = new URI(text);
    } catch (URISyntaxException wrong) {
      throw new IllegalArgumentException("");
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
