package org.tlsuplift.server.daemon;

import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;
import org.tlsuplift.proxy.tls.OriginIdentitySource;
import org.tlsuplift.server.authority.CertificateAuthorities;
import org.tlsuplift.server.authority.ListenerExpiry;
import org.tlsuplift.server.config.LoadedConfig;
import org.tlsuplift.server.config.ServerConfig;
import org.tlsuplift.server.daemon.watch.CertificateExpiry;
import org.tlsuplift.server.daemon.watch.EndpointListWatch;
import org.tlsuplift.server.daemon.watch.IdentityUse;
import org.tlsuplift.server.daemon.watch.IdentityWatch;
import org.tlsuplift.server.daemon.watch.SecretExpiry;
import org.tlsuplift.server.daemon.watch.TokenExpiry;
import org.tlsuplift.server.readiness.ExpiringItem;

/** Lists the certificates, CAs and secrets that expire, for the overview and for notifications. */
public final class Endings {
  /** Without a check for this long, the endpoint list is shown; it is checked every hour. */
  private static final Duration UNCHECKED = Duration.ofDays(7);

  /** Same threshold as TlsUpliftEndpointListOld in config/alerts.yml. */
  private static final Duration TOO_OLD = Duration.ofDays(60);

  /** Same threshold as TlsUpliftCaExpiresSoon in config/alerts.yml: all devices must be visited. */
  private static final Duration AUTHORITY = Duration.ofDays(14);

  /** Same threshold as TlsUpliftListenerCertificateExpiresSoon in config/alerts.yml. */
  private static final Duration CERTIFICATE = Duration.ofDays(3);

  /** Same threshold as TlsUpliftApplicationSecretExpires in config/alerts.yml. */
  private static final Duration SECRET = Duration.ofDays(30);

  private static final String RENEW = "replace its files with the renewed certificate";

  private Endings() {}

  /**
   * Something that expires.
   *
   * @param critical how long before its end it is critical; null if it never is
   */
  public record Ending(ExpiringItem item, @Nullable Duration critical) {
    private Ending(String what, Instant at, String remedy, @Nullable Duration critical) {
      this(new ExpiringItem(what, at, remedy), critical);
    }

    public boolean isCritical(Instant now) {
      return critical != null && !item.at().minus(critical).isAfter(now);
    }
  }

  public static List<Ending> of(
      LoadedConfig loaded,
      CertificateAuthorities certificateAuthorities,
      IdentityWatch identities,
      EndpointListWatch list) {
    ServerConfig config = loaded.config();
    List<Ending> endings = new ArrayList<>();
    endings.add(
        new Ending(
            "the CA that devices trust",
            certificateAuthorities.common().expiresAt(),
            "run '%s', install the staged CA on the devices, and run '%s'"
                .formatted(loaded.command("ca stage"), loaded.command("ca activate")),
            AUTHORITY));
    certificateAuthorities
        .own()
        .forEach(
            (listener, ca) ->
                endings.add(
                    new Ending(
                        "the CA of the listener " + listener,
                        ca.expiresAt(),
                        "run '%s', install the staged CA on its devices, and run '%s'"
                            .formatted(
                                loaded.command("ca stage --listener " + listener),
                                loaded.command("ca activate --listener " + listener)),
                        AUTHORITY)));
    certificates(endings, identities.sources(), "the client certificate for ");
    certificates(endings, identities.listeners(), "the certificate of the listener ");
    for (OriginIdentitySource each : identities.applications()) {
      endings.add(
          new Ending(
              "the certificate of the application of tenant " + each.name(),
              each.current().expiresAt(),
              IdentityUse.renewApplication(loaded),
              CertificateExpiry.notice(each.current())));
    }
    for (SecretExpiry each : SecretExpiry.of(config)) {
      String what = "the secret of the application of tenant " + each.name();
      endings.add(new Ending(what, each.at(), SecretExpiry.REMEDY, SECRET));
    }
    for (TokenExpiry each : TokenExpiry.of(config.admin())) {
      String what = "the token " + each.name() + " of the admin port";
      endings.add(new Ending(what, each.at(), TokenExpiry.REMEDY, null));
    }
    OriginIdentitySource admin = identities.admin();
    if (admin != null) {
      Instant end = admin.current().expiresAt();
      endings.add(new Ending("the certificate of the admin port", end, RENEW, null));
    }
    if (list.isUsed() && list.age().compareTo(UNCHECKED) > 0) {
      String refresh = loaded.command("endpoints refresh");
      endings.add(
          new Ending(
              "the endpoint list " + list.current().version() + " of Microsoft 365",
              list.currentAt().plus(TOO_OLD),
              config.microsoft365().refresh() == null
                  ? "set 'microsoft365.refresh: 1h', or run '%s'".formatted(refresh)
                  : "run '%s', and do what it says".formatted(refresh),
              null));
    }
    for (ListenerExpiry each : ListenerExpiry.of(config)) {
      String remedy = "replace its devices, or set a later 'until' and reload";
      endings.add(new Ending("the antique listener " + each.listener(), each.end(), remedy, null));
    }
    return endings;
  }

  private static void certificates(
      List<Ending> endings, List<? extends OriginIdentitySource> of, String what) {
    for (OriginIdentitySource each : of) {
      Instant end = each.current().expiresAt();
      endings.add(new Ending(what + each.name(), end, RENEW, CERTIFICATE));
    }
  }
}
