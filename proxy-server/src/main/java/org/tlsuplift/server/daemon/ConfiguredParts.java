package org.tlsuplift.server.daemon;

import java.time.Clock;
import java.util.List;
import java.util.Set;
import java.util.function.BiConsumer;
import java.util.function.Consumer;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.tlsuplift.proxy.ProxySpec;
import org.tlsuplift.proxy.keyfile.KeyFileException;
import org.tlsuplift.proxy.route.RouteTable;
import org.tlsuplift.proxy.tls.SharedTicketKeys;
import org.tlsuplift.proxy.tls.rsa.DeviceRsa;
import org.tlsuplift.server.config.LoadedConfig;
import org.tlsuplift.server.config.ServerConfig;
import org.tlsuplift.server.config.SignInConfig;
import org.tlsuplift.server.daemon.ca.CertificateAuthorities;
import org.tlsuplift.server.daemon.ca.ListenerExpiry;
import org.tlsuplift.server.daemon.mapping.ResolvedConfig;
import org.tlsuplift.server.daemon.process.StartFailedException;
import org.tlsuplift.server.daemon.records.AccessLogs;
import org.tlsuplift.server.daemon.records.SessionRecords;
import org.tlsuplift.server.daemon.signin.SignInParts;
import org.tlsuplift.server.daemon.signin.SignInServices;
import org.tlsuplift.server.daemon.watch.AntiqueWatch;
import org.tlsuplift.server.daemon.watch.CaWatch;
import org.tlsuplift.server.daemon.watch.EndpointListWatch;
import org.tlsuplift.server.daemon.watch.IdentityWatch;
import org.tlsuplift.server.metrics.Meters;
import org.tlsuplift.server.metrics.MetricNames;

/**
 * The parts of a daemon that belong to one configuration. A reload opens those of the next one,
 * which share what stays the same, and supersedes these. They are closed when their last session
 * has ended.
 */
final class ConfiguredParts {
  private static final Logger log = LoggerFactory.getLogger(ConfiguredParts.class);

  private final LoadedConfig loaded;
  private final ResolvedConfig resolved;
  private final CertificateAuthorities authorities;
  private final IdentityWatch identities;
  private final @Nullable SignInParts signIn;
  private final EndpointListWatch endpoints;
  private final CaWatch caWatch;
  private @Nullable AntiqueWatch antique;
  private @Nullable Meters meters;

  private ConfiguredParts(
      LoadedConfig loaded,
      ResolvedConfig resolved,
      CertificateAuthorities authorities,
      IdentityWatch identities,
      @Nullable SignInParts signIn,
      BiConsumer<ConfiguredParts, RouteTable> routes) {
    this.loaded = loaded;
    this.resolved = signIn == null ? resolved : signIn.into(resolved);
    this.authorities = authorities;
    this.identities = identities;
    this.signIn = signIn;
    this.endpoints =
        EndpointListSource.watch(
            loaded.config(), this.resolved, table -> routes.accept(this, table));
    this.caWatch = new CaWatch(authorities.watched(), Clock.systemUTC());
  }

  /**
   * Opens the parts of a checked configuration, and starts none.
   *
   * @param services null if no device signs in
   * @param before the parts of the running configuration, or null at the start
   * @param routes gets these parts and the routes of each newer endpoint list
   */
  static ConfiguredParts open(
      LoadedConfig loaded,
      ResolvedConfig resolved,
      CertificateAuthorities authorities,
      @Nullable SignInServices services,
      @Nullable ConfiguredParts before,
      BiConsumer<ConfiguredParts, RouteTable> routes)
      throws StartFailedException {
    ServerConfig config = loaded.config();
    SignInConfig signIn = config.signIn();
    authorities.warnings().forEach(warning -> log.warn("{}", warning));
    return new ConfiguredParts(
        loaded,
        resolved,
        authorities,
        identities(config, before),
        signIn == null || services == null || !SignInParts.isNeeded(config)
            ? null
            : SignInParts.open(
                config, signIn, resolved, services, before == null ? null : before.signIn),
        routes);
  }

  private static IdentityWatch identities(ServerConfig config, @Nullable ConfiguredParts before)
      throws StartFailedException {
    try {
      return before == null ? IdentityWatch.open(config) : before.identities.with(config);
    } catch (KeyFileException unusable) {
      throw new StartFailedException(String.valueOf(unusable.getMessage()), unusable);
    }
  }

  LoadedConfig loaded() {
    return loaded;
  }

  ServerConfig config() {
    return loaded.config();
  }

  ResolvedConfig resolved() {
    return resolved;
  }

  CertificateAuthorities authorities() {
    return authorities;
  }

  IdentityWatch identities() {
    return identities;
  }

  EndpointListWatch endpoints() {
    return endpoints;
  }

  @Nullable SignInParts signIn() {
    return signIn;
  }

  Set<String> listeners() {
    return loaded.config().listeners().stream()
        .map(listener -> listener.name())
        .collect(Collectors.toSet());
  }

  /**
   * @param tickets null if devices resume TLS sessions at this instance only
   * @param rsa uses the RSA keys of devices' certificates
   */
  ProxySpec proxySpec(SessionRecords records, @Nullable SharedTicketKeys tickets, DeviceRsa rsa) {
    return resolved.proxySpec(
        identities.sources(),
        tickets,
        rsa,
        identities.over(authorities.sources()),
        records.ecRefusals(),
        records.observer());
  }

  /** Reads the accounts, if devices sign in. */
  void startSignIn() {
    if (signIn != null) {
      signIn.start();
    }
  }

  /**
   * Adds the meters, and starts watching files and dates.
   *
   * @param registered the meters of this configuration, still empty
   * @param accessLogs the access log of this configuration
   * @param retire closes the listener of that name
   */
  void start(Meters registered, AccessLogs accessLogs, Consumer<String> retire) {
    meters = registered;
    authorities.observe(registered);
    identities.observe(registered);
    endpoints.observe(registered);
    if (signIn != null) {
      signIn.observe(registered);
    }
    if (accessLogs.isOpen()) {
      registered.counter(MetricNames.ACCESS_LOG_DROPPED, accessLogs::dropped);
    }
    List<ListenerExpiry> expiries = ListenerExpiry.of(config());
    expiries.forEach(
        each -> registered.time(MetricNames.ANTIQUE_LISTENER_EXPIRY, each::end, each.listener()));
    identities.start();
    antique = new AntiqueWatch(expiries, retire, Clock.systemUTC());
    antique.start();
    caWatch.start();
    endpoints.start();
  }

  /** Removes the meters, and stops watching; sessions may still use these parts. */
  void supersede(@Nullable SignInParts next) {
    stopWatching();
    if (meters != null) {
      meters.close();
    }
    if (signIn != null) {
      signIn.supersede(next);
    }
  }

  private void stopWatching() {
    endpoints.close();
    caWatch.close();
    identities.close();
    if (antique != null) {
      antique.close();
    }
  }

  /**
   * Closes what other parts do not share.
   *
   * @param others the parts that are still in use
   */
  void close(Set<ConfiguredParts> others) {
    stopWatching();
    if (signIn != null) {
      signIn.close();
      boolean shared =
          others.stream()
              .anyMatch(
                  other -> other.signIn != null && other.signIn.accesses() == signIn.accesses());
      if (!shared) {
        signIn.accesses().close();
      }
    }
    if (others.isEmpty()) {
      authorities.close();
    }
  }
}
