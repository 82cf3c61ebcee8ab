package org.tlsuplift.server.daemon.watch;

import java.time.Duration;
import java.time.Instant;
import java.time.LocalDate;
import java.time.ZoneId;
import java.util.ArrayList;
import java.util.List;
import org.tlsuplift.server.config.ServerConfig;
import org.tlsuplift.server.config.SignInConfig;
import org.tlsuplift.server.config.SignInTenant;
import org.tlsuplift.server.metrics.MeterName;
import org.tlsuplift.server.metrics.MetricNames;

/**
 * The remaining time of an application's secret, as configured: a secret itself does not tell.
 *
 * @param path of the tenant's keys in the configuration
 * @param day the day on which it expires, in the time zone of this machine
 */
public record SecretExpiry(SignInTenant tenant, String path, LocalDate day) implements ExpiryDay {
  /** What an operator does before. */
  public static final String REMEDY =
      "create a new secret for the application, write its value into clientSecretFile, and set"
          + " secretExpires and reload";

  /** The expiry dates of a checked configuration, in its order. */
  public static List<SecretExpiry> of(ServerConfig config) {
    SignInConfig signIn = config.signIn();
    List<SecretExpiry> expiries = new ArrayList<>();
    for (SignInTenant tenant : signIn == null ? List.<SignInTenant>of() : signIn.tenants()) {
      LocalDate day = tenant.secretExpires();
      if (day != null) {
        expiries.add(new SecretExpiry(tenant, signIn == null ? "" : signIn.path(tenant), day));
      }
    }
    return expiries;
  }

  /** The start of the day: a secret expires at some time on it. */
  @Override
  public Instant at() {
    return day.atStartOfDay(ZoneId.systemDefault()).toInstant();
  }

  /** After its day it counts as expired. */
  @Override
  public Instant end() {
    return at().plus(Duration.ofDays(1));
  }

  @Override
  public MeterName meter() {
    return MetricNames.APPLICATION_SECRET_EXPIRY;
  }

  /** The name of the tenant. */
  @Override
  public String name() {
    return tenant.name();
  }

  @Override
  public String key() {
    return path + ".secretExpires";
  }

  @Override
  public String text(Instant now) {
    String which =
        "the secret of application " + tenant.applicationId() + " (tenant " + tenant.name() + ")";
    return switch (state(now)) {
      case GOOD -> "";
      case ENDING ->
          "%s expires on %s, in %s days; %s"
              .formatted(which, day, Math.max(0, Duration.between(now, at()).toDays()), REMEDY);
      case EXPIRED ->
          "%s expired on %s, by %s; if it was replaced, set the new day; otherwise %s"
              .formatted(which, day, key(), REMEDY);
    };
  }
}
