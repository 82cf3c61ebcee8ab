package org.tlsuplift.server.daemon;

import java.time.Clock;
import java.util.ArrayList;
import java.util.List;
import java.util.function.BiConsumer;
import java.util.function.Consumer;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.tlsuplift.proxy.ProxySpec;
import org.tlsuplift.proxy.outcome.OperatorException;
import org.tlsuplift.proxy.route.RouteTable;
import org.tlsuplift.proxy.tls.SharedTicketKeys;
import org.tlsuplift.proxy.tls.rsa.DeviceRsa;
import org.tlsuplift.server.authority.CertificateAuthorities;
import org.tlsuplift.server.authority.ListenerExpiry;
import org.tlsuplift.server.background.Schedule;
import org.tlsuplift.server.config.LoadedConfig;
import org.tlsuplift.server.config.ServerConfig;
import org.tlsuplift.server.config.SignInConfig;
import org.tlsuplift.server.daemon.watch.AntiqueWatch;
import org.tlsuplift.server.daemon.watch.CaWatch;
import org.tlsuplift.server.daemon.watch.EndpointListWatch;
import org.tlsuplift.server.daemon.watch.IdentityWatch;
import org.tlsuplift.server.mapping.ResolvedConfig;
import org.tlsuplift.server.metrics.Meters;
import org.tlsuplift.server.metrics.MetricNames;

/**
 * What the daemon opens for one configuration. A reload prepares the next generation ({@link
 * #open}), which shares what stays the same. Then it commits ({@link #supersede} for this one,
 * {@link #start} for the next), or discards what it has opened. A generation is closed after its
 * last session.
 */
final class Generation {
  private static final Logger log = LoggerFactory.getLogger(Generation.class);

  private final LoadedConfig loaded;
  private final ResolvedConfig resolved;
  private final RunningFeatures.Prepared features;
  private final CertificateAuthorities authorities;
  private final IdentityWatch identities;
  private final @Nullable SignInGeneration signIn;
  private final EndpointListWatch endpoints;
  private final Schedule watches;
  private @Nullable Meters meters;

  private Generation(
      LoadedConfig loaded,
      ResolvedConfig resolved,
      RunningFeatures.Prepared features,
      CertificateAuthorities authorities,
      IdentityWatch identities,
      @Nullable SignInGeneration signIn,
      BiConsumer<Generation, RouteTable> routes,
      Schedule watches) {
    this.loaded = loaded;
    ResolvedConfig whole = features.into(resolved);
    this.resolved = signIn == null ? whole : signIn.into(whole);
    this.features = features;
    this.authorities = authorities;
    this.identities = identities;
    this.signIn = signIn;
    this.endpoints =
        EndpointListSource.watch(
            loaded.config(), this.resolved, table -> routes.accept(this, table));
    this.watches = watches;
  }

  /**
   * Opens what a checked configuration needs, and starts nothing.
   *
   * @param services null if no device signs in
   * @param before the generation before, or null at the start
   * @param routes gets this generation and the routes of each newer endpoint list
   */
  static Generation open(
      LoadedConfig loaded,
      ResolvedConfig resolved,
      RunningFeatures.Prepared features,
      CertificateAuthorities authorities,
      @Nullable SharedSignIn services,
      @Nullable Generation before,
      BiConsumer<Generation, RouteTable> routes,
      Schedule schedule)
      throws OperatorException {
    ServerConfig config = loaded.config();
    SignInConfig signIn = config.signIn();
    authorities.warnings().forEach(warning -> log.warn("{}", warning));
    return new Generation(
        loaded,
        resolved,
        features,
        authorities,
        identities(loaded, before),
        signIn == null || services == null || !SignInGeneration.isNeeded(config)
            ? null
            : SignInGeneration.open(
                loaded, signIn, resolved, services, before == null ? null : before.signIn),
        routes,
        schedule.part());
  }

  private static IdentityWatch identities(LoadedConfig loaded, @Nullable Generation before)
      throws OperatorException {
    return before == null ? IdentityWatch.open(loaded) : before.identities.with(loaded);
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

  /** What expires. */
  List<Endings.Ending> endings() {
    return Endings.of(loaded, authorities, identities, endpoints);
  }

  @Nullable SignInGeneration signIn() {
    return signIn;
  }

  Stream<String> listeners() {
    return loaded.config().listeners().stream().map(listener -> listener.name());
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
    identities.start(watches);
    new AntiqueWatch(expiries, retire, Clock.systemUTC()).start(watches);
    new CaWatch(authorities.watched(), Clock.systemUTC()).start(watches);
    endpoints.start(watches);
  }

  /** Removes the meters, and stops watching; sessions may still use it. */
  void supersede(@Nullable SignInGeneration next) {
    watches.close();
    if (meters != null) {
      meters.close();
    }
    if (signIn != null) {
      signIn.supersede(next);
    }
  }

  /** What is closed when no session needs it; the CAs of all configurations share theirs. */
  List<AutoCloseable> closeable() {
    List<AutoCloseable> all = new ArrayList<>(List.of(watches));
    all.add(features::release);
    if (signIn != null) {
      all.addAll(signIn.closeable());
    }
    return all;
  }
}
