package org.tlsuplift.server.daemon.watch;

import io.netty.util.concurrent.DefaultThreadFactory;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.Executors;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.tlsuplift.proxy.keyfile.KeyFileException;
import org.tlsuplift.proxy.tls.OriginIdentity;
import org.tlsuplift.proxy.tls.OriginIdentitySource;
import org.tlsuplift.server.config.AdminConfig;
import org.tlsuplift.server.config.ConfiguredRoutes;
import org.tlsuplift.server.config.KeyFiles;
import org.tlsuplift.server.config.ServerConfig;
import org.tlsuplift.server.metrics.ServerMetrics;

/**
 * Loads the operator's certificates for routes and the admin port again when their files change,
 * and logs warnings before they expire.
 *
 * <p>It reads files on its own thread. Without certificates, it has no thread. Thread-safe.
 */
public final class IdentityWatch implements AutoCloseable {
  /** A check is cheap, and an operator may wait for the log line. */
  private static final Duration PERIOD = Duration.ofSeconds(30);

  private static final Duration REMINDER = Duration.ofDays(1);
  private static final Logger log = LoggerFactory.getLogger(IdentityWatch.class);

  private final List<WatchedIdentity> identities;
  private final @Nullable WatchedIdentity admin;
  private final Clock clock;
  private final Map<OriginIdentity, Notice> notices = new HashMap<>();
  private final ScheduledExecutorService thread =
      Executors.newSingleThreadScheduledExecutor(
          new DefaultThreadFactory("uplift-certificates", true));

  /** The last warning, and its time. */
  private record Notice(CertificateExpiry.State state, Instant at) {}

  private IdentityWatch(
      List<WatchedIdentity> identities, @Nullable WatchedIdentity admin, Clock clock) {
    this.identities = List.copyOf(identities);
    this.admin = admin;
    this.clock = clock;
  }

  /**
   * Reads the certificates of a checked configuration.
   *
   * @throws KeyFileException if one cannot be used
   */
  public static IdentityWatch open(ServerConfig config) throws KeyFileException {
    return open(config, Clock.systemUTC());
  }

  static IdentityWatch open(ServerConfig config, Clock clock) throws KeyFileException {
    List<WatchedIdentity> identities = new ArrayList<>();
    for (Map.Entry<String, KeyFiles> each :
        ConfiguredRoutes.clientCertificates(config.routes()).entrySet()) {
      identities.add(WatchedIdentity.open(IdentityUse.client(each.getKey()), each.getValue()));
    }
    return new IdentityWatch(identities, admin(config), clock);
  }

  private static @Nullable WatchedIdentity admin(ServerConfig config) throws KeyFileException {
    return config.admin().tls() instanceof AdminConfig.Tls.Files files
        ? WatchedIdentity.open(IdentityUse.admin(), files.keyFiles())
        : null;
  }

  /** The operator's certificate for the admin port, or null. */
  public @Nullable OriginIdentitySource admin() {
    return admin;
  }

  private List<WatchedIdentity> all() {
    List<WatchedIdentity> all = new ArrayList<>(identities);
    if (admin != null) {
      all.add(admin);
    }
    return all;
  }

  /** The client certificates of routes. */
  public List<OriginIdentitySource> sources() {
    return List.copyOf(identities);
  }

  public void observe(ServerMetrics metrics) {
    identities.forEach(
        each -> metrics.observeClientCertificate(each.name(), () -> each.current().expiresAt()));
    if (admin != null) {
      metrics.observeAdminCertificate(() -> admin.current().expiresAt());
    }
  }

  /** Checks now and regularly. */
  public void start() {
    if (!all().isEmpty()) {
      var unused =
          thread.scheduleWithFixedDelay(
              this::lookSafely, 0, PERIOD.toMillis(), TimeUnit.MILLISECONDS);
    }
  }

  /** Checks all files once, and logs warnings. */
  public synchronized void look() {
    for (WatchedIdentity identity : all()) {
      identity.look();
      remind(identity);
    }
    notices.keySet().retainAll(all().stream().map(WatchedIdentity::current).toList());
  }

  private void remind(WatchedIdentity identity) {
    Instant now = clock.instant();
    OriginIdentity current = identity.current();
    CertificateExpiry expiry = CertificateExpiry.of(identity.use(), current, now);
    Notice last = notices.get(current);
    if (last != null && last.state() == expiry.state() && now.isBefore(last.at().plus(REMINDER))) {
      return;
    }
    notices.put(current, new Notice(expiry.state(), now));
    switch (expiry.state()) {
      case GOOD -> {}
      case ENDING -> log.warn("{}", expiry.text());
      case EXPIRED -> log.error("{}", expiry.text());
    }
  }

  /** An exception would end the schedule. */
  private void lookSafely() {
    try {
      look();
    } catch (RuntimeException fault) {
      log.error("certificate reload failed", fault);
    }
  }

  @Override
  public void close() {
    thread.shutdownNow();
  }
}
