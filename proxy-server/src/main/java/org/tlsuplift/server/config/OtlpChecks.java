package org.tlsuplift.server.config;

import java.io.IOException;
import java.nio.file.Path;
import org.tlsuplift.proxy.keyfile.FileModes;
import org.tlsuplift.proxy.keyfile.KeyFileException;

/** Checks that the headers for a receiver of metrics can be sent, and are kept well. */
final class OtlpChecks {
  private OtlpChecks() {}

  static void check(ServerConfig.Metrics metrics, Problems problems) {
    ServerConfig.Otlp otlp = metrics.otlp();
    String key = "metrics.otlp.headersFile";
    Path headers = otlp == null ? null : otlp.headersFile();
    if (otlp == null || headers == null || !FileChecks.readable(key, headers, problems)) {
      return;
    }
    headers(key, headers, problems);
    if ("http".equals(otlp.url().getScheme()) && !isHere(otlp.url().getHost())) {
      problems.warning(
          "metrics.otlp.url",
          "'" + otlp.url() + "' is not encrypted, and what is in the headersFile goes there",
          "use https, or a receiver on this machine");
    }
  }

  private static void headers(String key, Path file, Problems problems) {
    try {
      HeadersFile.read(file);
      FileModes.openToOthers(file, false)
          .ifPresent(
              mode ->
                  problems.warning(
                      key,
                      "'" + file + "' is accessible to others (mode " + mode + ")",
                      "what it holds is sent as a secret; run: chmod 600 " + file));
    } catch (KeyFileException unusable) {
      problems.error(key, String.valueOf(unusable.getMessage()), "", "");
    } catch (IOException failed) {
      problems.warning(key, "the mode of '" + file + "' cannot be read", "check the file");
    }
  }

  private static boolean isHere(String host) {
    return host.equals("localhost") || host.startsWith("127.") || host.equals("[::1]");
  }
}
