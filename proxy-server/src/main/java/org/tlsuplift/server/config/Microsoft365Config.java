package org.tlsuplift.server.config;

import java.net.URI;
import java.time.Duration;
import org.jspecify.annotations.Nullable;
import org.tlsuplift.server.config.binding.Durations;
import org.tlsuplift.server.config.binding.Form;
import org.tlsuplift.server.config.binding.Forms;
import org.tlsuplift.server.config.binding.Key;
import org.tlsuplift.server.config.binding.Key.Refused;
import org.tlsuplift.server.microsoft365.Cloud;

/**
 * The section {@code microsoft365}.
 *
 * @param cloud whose endpoints the lists of {@code routes} stand for
 * @param refresh the time between two checks for a newer list, or null to keep the stored one
 * @param url the web service, https without query
 */
public record Microsoft365Config(
    @Key(
            refused = {
              @Refused(
                  words = {"us-government", "usgov", "government"},
                  why = US_GOVERNMENT),
              @Refused(words = "gcc", why = GCC),
              @Refused(words = "21vianet", why = CHINA)
            })
        Cloud cloud,
    @Key(form = Refresh.class) @Nullable Duration refresh,
    @Key(form = WebService.class) URI url) {
  static final String US_GOVERNMENT = "write 'gcc-high' or 'dod'";
  static final String GCC = "GCC belongs to the worldwide cloud; write 'worldwide'";
  static final String CHINA = "write 'china' for 21Vianet's cloud";

  /** A time, or never. */
  @Form.Rules(
      expected = "never, or a time from 1h to 30d, such as 1h, 12h or 1d",
      schema = "{anyOf: [{const: never}, " + Durations.SCHEMA + "]}")
  static final class Refresh implements Form<Duration> {
    private static final Duration SHORTEST = Duration.ofHours(1);
    private static final Duration LONGEST = Duration.ofDays(30);

    @Override
    public @Nullable Duration parse(String text) {
      if (text.equals("never")) {
        return null;
      }
      Duration time = Durations.parse(text).orElse(null);
      if (time == null || time.compareTo(LONGEST) > 0) {
        throw new IllegalArgumentException("");
      }
      if (time.compareTo(SHORTEST) < 0) {
        throw new IllegalArgumentException("Microsoft allows one check an hour");
      }
      return time;
    }
  }

  /** The address of the web service, before {@code /version} and {@code /endpoints}. */
  @Form.Rules(
      expected = "https://host or https://host/path",
      pattern = "^https://[^/\\s?#@]+(/[^?#\\s]*)?$")
  static final class WebService implements Form<URI> {
    @Override
    public URI parse(String text) {
      URI url = Forms.url(text.replaceFirst("/$", ""));
      if ("http".equals(url.getScheme())) {
        throw new IllegalArgumentException(
            "the list decides what devices reach, so it is never fetched in plaintext; write https://");
      }
      if (!Forms.isPlainHttps(url)) {
        throw new IllegalArgumentException(
            "write the part before /version and /endpoints, without a query");
      }
      return url;
    }
  }
}
