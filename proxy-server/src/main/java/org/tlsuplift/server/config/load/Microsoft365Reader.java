package org.tlsuplift.server.config.load;

import java.net.URI;
import java.net.URISyntaxException;
import java.time.Duration;
import java.util.Optional;
import org.tlsuplift.server.config.ServerConfig;
import org.tlsuplift.server.config.yaml.Durations;
import org.tlsuplift.server.config.yaml.Section;
import org.tlsuplift.server.config.yaml.Words;
import org.tlsuplift.server.microsoft365.Cloud;

/** Reads {@code microsoft365}. */
final class Microsoft365Reader {
  static final Words<Cloud> CLOUD =
      Words.of(Cloud.values())
          .refusing("write 'gcc-high' or 'dod'", "us-government", "usgov", "government")
          .refusing("GCC belongs to the worldwide cloud; write 'worldwide'", "gcc")
          .refusing("write 'china' for 21Vianet's cloud", "21vianet");

  private static final String NEVER = "never";
  private static final Duration SHORTEST = Duration.ofHours(1);
  private static final Duration LONGEST = Duration.ofDays(30);
  private static final String REFRESH = "never, or a time from 1h to 30d, such as 1h, 12h or 1d";
  private static final String URL = "https://host or https://host/path";

  private Microsoft365Reader() {}

  static ServerConfig.Microsoft365 read(Section section) {
    ServerConfig.Microsoft365 microsoft365 =
        new ServerConfig.Microsoft365(
            section.word("cloud", CLOUD).orElseThrow(),
            section
                .value("refresh", REFRESH, Microsoft365Reader::refresh)
                .orElseThrow()
                .orElse(null),
            section.value("url", URL, Microsoft365Reader::url).orElseThrow());
    section.end();
    return microsoft365;
  }

  private static Optional<Duration> refresh(String text) {
    if (text.equals(NEVER)) {
      return Optional.empty();
    }
    Duration time =
        Durations.parse(text)
            .filter(each -> each.compareTo(LONGEST) <= 0)
            .orElseThrow(() -> new IllegalArgumentException(""));
    if (time.compareTo(SHORTEST) < 0) {
      throw new IllegalArgumentException("Microsoft allows one check an hour");
    }
    return Optional.of(time);
  }

  private static URI url(String text) {
    URI url;
    try {
      url = new URI(text.replaceFirst("/$", ""));
    } catch (URISyntaxException malformed) {
      throw new IllegalArgumentException("", malformed);
    }
    if ("http".equals(url.getScheme())) {
      throw new IllegalArgumentException(
          "the list decides what devices reach, so it is never fetched in plaintext; write https://");
    }
    if (!"https".equals(url.getScheme())
        || url.getHost() == null
        || url.getUserInfo() != null
        || url.getRawQuery() != null
        || url.getRawFragment() != null
        || url.getPort() > 65_535) {
      throw new IllegalArgumentException(
          "write the part before /version and /endpoints, without a query");
    }
    return url;
  }
}
