package org.tlsuplift.server.daemon.watch;

import java.time.Duration;
import java.time.Instant;
import java.time.LocalDate;
import java.time.ZoneId;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;
import org.tlsuplift.server.config.AdminConfig;
import org.tlsuplift.server.metrics.MeterName;
import org.tlsuplift.server.metrics.MetricNames;

/**
 * The remaining time of a token of the admin port.
 *
 * @param name of the token
 * @param path of its keys in the configuration
 * @param last the last day on which the token is accepted, in the time zone of this machine
 */
public record TokenExpiry(String name, String path, LocalDate last) implements ExpiryDay {
  /** What an operator does before. */
  public static final String REMEDY =
      "run 'tls-uplift admin token', give the new token to the program, set its sha256 and a later"
          + " 'expires', and reload";

  /** The tokens that expire, in the order of the configuration. */
  public static List<TokenExpiry> of(AdminConfig admin) {
    List<TokenExpiry> expiries = new ArrayList<>();
    for (int i = 0; i < admin.tokens().size(); i++) {
      AdminConfig.Token token = admin.tokens().get(i);
      LocalDate last = token.expires();
      if (last != null) {
        expiries.add(new TokenExpiry(token.name(), "admin.tokens[" + i + "]", last));
      }
    }
    return expiries;
  }

  /** When the token stops working; null if it never does. */
  public static @Nullable Instant end(AdminConfig.Token token) {
    LocalDate last = token.expires();
    return last == null ? null : new TokenExpiry(token.name(), "", last).at();
  }

  /** When the token stops working: the end of its last day. */
  @Override
  public Instant at() {
    return last.plusDays(1).atStartOfDay(ZoneId.systemDefault()).toInstant();
  }

  @Override
  public MeterName meter() {
    return MetricNames.ADMIN_TOKEN_EXPIRY;
  }

  @Override
  public String key() {
    return path + ".expires";
  }

  @Override
  public String text(Instant now) {
    return switch (state(now)) {
      case GOOD -> "";
      case ENDING ->
          "the token %s of the admin port expires after %s, in %s days; %s"
              .formatted(name, last, Duration.between(now, at()).toDays(), REMEDY);
      case EXPIRED ->
          "the token %s of the admin port expired after %s and is refused; %s"
              .formatted(name, last, REMEDY);
    };
  }
}
