package org.tlsuplift.server.daemon.watch;

import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.tlsuplift.proxy.context.CertificateSources;
import org.tlsuplift.proxy.outcome.OperatorException;
import org.tlsuplift.proxy.tls.CertificateSource;
import org.tlsuplift.proxy.tls.OperatorCertificate;
import org.tlsuplift.proxy.tls.OriginIdentity;
import org.tlsuplift.proxy.tls.OriginIdentitySource;
import org.tlsuplift.server.background.Notice;
import org.tlsuplift.server.background.Schedule;
import org.tlsuplift.server.config.AdminConfig;
import org.tlsuplift.server.config.ConfiguredRoutes;
import org.tlsuplift.server.config.ListenerConfig;
import org.tlsuplift.server.config.LoadedConfig;
import org.tlsuplift.server.config.ServerConfig;
import org.tlsuplift.server.config.SignInConfig;
import org.tlsuplift.server.config.SignInTenant;
import org.tlsuplift.server.config.secret.KeyFiles;
import org.tlsuplift.server.metrics.MeterName;
import org.tlsuplift.server.metrics.Meters;
import org.tlsuplift.server.metrics.MetricNames;

/**
 * Loads the operator's certificates for routes, listeners, applications and the admin port again
 * when their files change, and logs warnings before they and the secrets of applications expire.
 *
 * <p>Thread-safe.
 */
public final class IdentityWatch {
  /** A check reads a few small files, and an operator may wait for the log line. */
  private static final Duration PERIOD = Duration.ofSeconds(5);

  private static final Logger log = LoggerFactory.getLogger(IdentityWatch.class);

  private final List<WatchedIdentity> clients = new ArrayList<>();
  private final List<WatchedIdentity> listeners = new ArrayList<>();
  private final List<WatchedIdentity> applications = new ArrayList<>();
  private final @Nullable WatchedIdentity admin;
  private final List<ExpiryDay> days;
  private final Clock clock;
  private final Map<Object, Notice> notices = new HashMap<>();

  private IdentityWatch(LoadedConfig loaded, Clock clock, @Nullable IdentityWatch before)
      throws OperatorException {
    ServerConfig config = loaded.config();
    this.clock = clock;
    List<WatchedIdentity> known = before == null ? List.of() : before.all();
    for (Map.Entry<String, KeyFiles> each :
        ConfiguredRoutes.clientCertificates(config.routes()).entrySet()) {
      clients.add(WatchedIdentity.open(IdentityUse.client(each.getKey()), each.getValue(), known));
    }
    for (ListenerConfig listener : config.listeners()) {
      KeyFiles files = listener.certificate().files();
      if (files != null) {
        listeners.add(WatchedIdentity.open(IdentityUse.listener(listener.name()), files, known));
      }
    }
    SignInConfig signIn = config.signIn();
    for (SignInTenant tenant : signIn == null ? List.<SignInTenant>of() : signIn.tenants()) {
      KeyFiles files = tenant.certificate();
      if (files != null) {
        applications.add(
            WatchedIdentity.open(IdentityUse.application(tenant, loaded), files, known));
      }
    }
    admin =
        config.admin().tls() instanceof AdminConfig.Tls.Files files
            ? WatchedIdentity.open(IdentityUse.admin(), files.keyFiles(), known)
            : null;
    days = ExpiryDay.of(config);
  }

  /**
   * Reads the certificates of a checked configuration.
   *
   * @throws OperatorException if one cannot be used
   */
  public static IdentityWatch open(LoadedConfig loaded) throws OperatorException {
    return open(loaded, Clock.systemUTC());
  }

  static IdentityWatch open(LoadedConfig loaded, Clock clock) throws OperatorException {
    return new IdentityWatch(loaded, clock, null);
  }

  /**
   * Reads the certificates of another configuration. Those that stay the same are the same objects.
   *
   * @throws OperatorException if one cannot be used
   */
  public IdentityWatch with(LoadedConfig next) throws OperatorException {
    return new IdentityWatch(next, clock, this);
  }

  /** The operator's certificate for the admin port, or null. */
  public @Nullable OriginIdentitySource admin() {
    return admin;
  }

  /** The client certificates of routes. */
  public List<OriginIdentitySource> sources() {
    return List.copyOf(clients);
  }

  /** The certificates for devices, each with the name of its listener. */
  public List<WatchedIdentity> listeners() {
    return List.copyOf(listeners);
  }

  /** The certificates of applications, each with the name of its tenant. */
  public List<WatchedIdentity> applications() {
    return List.copyOf(applications);
  }

  private List<WatchedIdentity> all() {
    List<WatchedIdentity> all = new ArrayList<>(clients);
    all.addAll(listeners);
    all.addAll(applications);
    if (admin != null) {
      all.add(admin);
    }
    return all;
  }

  /** What listeners present to devices: these certificates, or those of CAs. */
  public CertificateSources over(CertificateSources authorities) {
    Map<String, CertificateSource> own = new HashMap<>(authorities.own());
    listeners.forEach(each -> own.put(each.name(), new OperatorCertificate(each)));
    return new CertificateSources(authorities.common(), own);
  }

  public void observe(Meters meters) {
    observe(meters, MetricNames.CLIENT_CERTIFICATE_EXPIRY, clients);
    observe(meters, MetricNames.LISTENER_CERTIFICATE_EXPIRY, listeners);
    observe(meters, MetricNames.APPLICATION_SECRET_EXPIRY, applications);
    days.forEach(each -> meters.time(each.meter(), each::at, each.name()));
    if (admin != null) {
      meters.time(MetricNames.ADMIN_CERTIFICATE_EXPIRY, () -> admin.current().expiresAt());
    }
  }

  private static void observe(Meters meters, MeterName name, List<WatchedIdentity> identities) {
    for (WatchedIdentity each : identities) {
      meters.time(name, () -> each.current().expiresAt(), each.name());
    }
  }

  /** Checks now and regularly. */
  public void start(Schedule schedule) {
    if (!all().isEmpty() || !days.isEmpty()) {
      schedule.every(PERIOD, "certificate reload", this::look);
    }
  }

  /** Checks all files once, and logs warnings. */
  public synchronized void look() {
    Set<Object> present = new HashSet<>(days);
    for (WatchedIdentity identity : all()) {
      identity.look();
      OriginIdentity current = identity.current();
      present.add(current);
      CertificateExpiry expiry = identity.expiry(clock.instant());
      remind(current, expiry.state(), expiry.text());
    }
    Instant now = clock.instant();
    days.forEach(each -> remind(each, each.state(now), each.text(now)));
    notices.keySet().retainAll(present);
  }

  private void remind(Object what, CertificateExpiry.State state, String text) {
    if (!notices.computeIfAbsent(what, each -> Notice.daily(clock)).isNews(state)) {
      return;
    }
    switch (state) {
      case GOOD -> {}
      case ENDING -> log.warn("{}", text);
      case EXPIRED -> log.error("{}", text);
    }
  }
}
