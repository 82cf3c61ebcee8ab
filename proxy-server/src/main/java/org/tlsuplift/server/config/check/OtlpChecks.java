package org.tlsuplift.server.config.check;

import java.net.URI;
import java.nio.file.Path;
import org.tlsuplift.proxy.keyfile.KeyFileException;
import org.tlsuplift.server.config.ReadableSecrets;
import org.tlsuplift.server.config.ServerConfig;
import org.tlsuplift.server.config.yaml.Problems;

/** Checks that the headers for a receiver of metrics can be sent, and are kept well. */
final class OtlpChecks {
  private static final String HEADERS = "metrics.otlp.headersFile";

  private OtlpChecks() {}

  static void check(ServerConfig.Metrics metrics, Problems problems) {
    ServerConfig.Otlp otlp = metrics.otlp();
    if (otlp == null) {
      return;
    }
    if (otlp.url().getRawUserInfo() != null) {
      // The value is left out: it holds a secret, and would get into logs from here on.
      problems.error(
          "metrics.otlp.url",
          "a name or password is in it",
          ServerConfig.Otlp.ALLOWED,
          "write 'Authorization: Basic ...' into a headersFile");
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
          "'" + url + "' is not encrypted, and what is in the headersFile goes there",
          "use https, or a receiver on this machine");
    }
  }

  private static void headers(Path file, Problems problems) {
    try {
      HeadersFile.read(file);
      ReadableSecrets.warn(HEADERS, file, "what it holds is sent as a secret", problems);
    } catch (KeyFileException unusable) {
      problems.error(HEADERS, String.valueOf(unusable.getMessage()), "", "");
    }
  }

  private static boolean isHere(String host) {
    return host.equals("localhost") || host.startsWith("127.") || host.equals("[::1]");
  }
}
