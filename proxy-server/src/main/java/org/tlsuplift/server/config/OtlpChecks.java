package org.tlsuplift.server.config;

import org.tlsuplift.server.config.secret.HeadersFile;
import java.net.URI;
import java.nio.file.Path;
import org.tlsuplift.proxy.keyfile.KeyFileException;
import org.tlsuplift.server.config.secret.ReadableSecrets;
import org.tlsuplift.server.config.yaml.Problems;

/** Checks the receiver of metrics and its headers. */
final class OtlpChecks {
  private static final String HEADERS = "metrics.otlp.headersFile";

  private OtlpChecks() {}

  static void check(MetricsConfig metrics, Problems problems) {
    MetricsConfig.Otlp otlp = metrics.otlp();
    if (otlp == null || otlp.url() == null) {
      return;
    }
    if (otlp.url().getRawUserInfo() != null) {
      // Without the value, which contains a secret and would be logged.
      problems.error(
          "metrics.otlp.url",
          "it contains a user name or password",
          MetricsConfig.Url.ALLOWED,
          "move them to a headersFile: 'Authorization: Basic ...'");
    }
    Path headers = otlp.headersFile();
    if (headers != null && FileChecks.readable(HEADERS, headers, problems)) {
      headers(headers, problems);
      overWire(otlp.url(), problems);
    }
  }

  private static void overWire(URI url, Problems problems) {
    if ("http".equals(url.getScheme()) && !isHere(url.getHost())) {
      problems.warning(
          "metrics.otlp.url",
          "'" + url + "' is not encrypted, but would receive the headersFile",
          "use https, or a receiver on this machine");
    }
  }

  private static void headers(Path file, Problems problems) {
    try {
      HeadersFile.read(file);
      ReadableSecrets.warn(HEADERS, file, "its headers are secret", problems);
    } catch (KeyFileException unusable) {
      problems.error(HEADERS, String.valueOf(unusable.getMessage()), "", "");
    }
  }

  private static boolean isHere(String host) {
    return host.equals("localhost") || host.startsWith("127.") || host.equals("[::1]");
  }
}
