package org.tlsuplift.server.daemon;

import java.time.Instant;
import java.util.List;
import java.util.concurrent.CompletionStage;
import java.util.function.Consumer;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.tlsuplift.proxy.Generations;
import org.tlsuplift.proxy.Proxy;
import org.tlsuplift.proxy.accept.Listener;
import org.tlsuplift.proxy.outcome.OperatorException;
import org.tlsuplift.proxy.route.RouteTable;
import org.tlsuplift.proxy.tls.SharedTicketKeys;
import org.tlsuplift.proxy.upstream.dial.SystemNameServers;
import org.tlsuplift.server.authority.CertificateAuthorities;
import org.tlsuplift.server.authority.ListenerExpiry;
import org.tlsuplift.server.background.Schedule;
import org.tlsuplift.server.cluster.Instances;
import org.tlsuplift.server.config.LoadedConfig;
import org.tlsuplift.server.config.ServerConfig;
import org.tlsuplift.server.config.binding.InvalidConfigException;
import org.tlsuplift.server.mapping.ConfigDifference;
import org.tlsuplift.server.mapping.ConfigMapper;
import org.tlsuplift.server.mapping.PassedListeners;
import org.tlsuplift.server.mapping.ResolvedConfig;
import org.tlsuplift.server.mapping.TlsRuntime;
import org.tlsuplift.server.process.FileLimit;
import org.tlsuplift.server.process.MemoryLimit;
import org.tlsuplift.server.process.OpenedResources;
import org.tlsuplift.server.process.Systemd;
import org.tlsuplift.server.readiness.ConfigurationState;

/**
 * The proxy and the configuration that its new sessions use. A reload replaces that configuration
 * completely or not at all; open sessions keep theirs, or end if their device is no longer allowed.
 */
final class LiveConfiguration {
  private static final Logger log = LoggerFactory.getLogger(LiveConfiguration.class);

  private final SessionRecords records;
  private final @Nullable Instances instances;
  private final RunningFeatures features;
  private final @Nullable SharedTicketKeys tickets;
  private final RsaSource rsa;
  private final boolean relaxed;
  private final Schedule schedule;
  private final Generations<Generation> inUse = new Generations<>(Generation::closeable);
  private final Proxy proxy;
  private volatile Generation current;
  private volatile ConfigurationState state =
      new ConfigurationState(1, Instant.now(), List.of(), 0);
  private @Nullable SharedSignIn signIn;

  /**
   * Opens the parts of the first configuration, and binds the ports of its listeners.
   *
   * @param authorities closed by the caller
   * @param instances null without {@code database}
   * @param features closed by the caller
   * @param opened gets what has to be closed
   */
  LiveConfiguration(
      LoadedConfig loaded,
      ResolvedConfig resolved,
      CertificateAuthorities authorities,
      SessionRecords records,
      @Nullable Instances instances,
      RunningFeatures features,
      Systemd systemd,
      Schedule schedule,
      OpenedResources opened)
      throws OperatorException {
    this.records = records;
    this.instances = instances;
    this.features = features;
    this.schedule = schedule;
    tickets = InstancesSource.ticketKeys(loaded.config());
    rsa = RsaSource.choose(loaded.config().rsa(), records.metrics());
    relaxed = TlsRuntime.isAntique(loaded.config());
    opened.add(this::closeSignIn);
    signIn = services(loaded.config());
    try (OpenedResources undo = new OpenedResources()) {
      RunningFeatures.Prepared parts = features.prepare(loaded.config(), undo);
      current =
          Generation.open(
              loaded, resolved, parts, authorities, signIn, null, this::replaceRoutes, schedule);
      inUse.add(current);
      opened.add(inUse::close);
      proxy =
          Proxy.prepare(
              current.proxySpec(records, tickets, rsa.chosen()),
              PassedListeners.of(systemd.sockets(), loaded, resolved));
      opened.add(proxy::close);
      undo.keep();
      features.commit(parts);
    }
    current.startSignIn();
  }

  /**
   * Checks what a configuration needs of this machine.
   *
   * @throws OperatorException if the process may open too few files; an {@link
   *     InvalidConfigException} if this machine cannot run the configuration
   */
  static ResolvedConfig resolve(LoadedConfig loaded) throws OperatorException {
    SystemNameServers.warning().ifPresent(warning -> log.warn("{}", warning));
    return ConfigMapper.map(loaded)
        .without(ListenerExpiry.over(loaded.config()))
        .limitedTo(
            FileLimit.sessions(MemoryLimit.sessions(loaded.config().limits().maxSessions())));
  }

  /**
   * Accepts connections.
   *
   * @param opened gets each listener
   */
  void open(Consumer<Listener> opened) throws OperatorException {
    current.authorities().awaitKeys();
    proxy.open();
    proxy.listeners().forEach(opened);
    rsa.line().log();
    FileLimit.warn(current.config().limits().maxSessions());
    current.start(records.metrics().configuration(), records.accessLogs(), proxy::retire);
  }

  /** Replaces the configuration in use; see {@link Components#reload}. */
  synchronized List<String> reload(LoadedConfig next, AdminPort admin, Consumer<String> progress)
      throws OperatorException {
    ConfigDifference difference = ConfigDifference.of(current.config(), next.config(), relaxed);
    if (!difference.restart().isEmpty()) {
      throw next.invalid(difference.restart());
    }
    TlsRuntime.check(next);
    ResolvedConfig resolved = resolve(next).on(current.resolved().transport());
    FileLimit.warn(next.config().limits().maxSessions());
    try (OpenedResources undo = new OpenedResources()) {
      apply(next, resolved, admin, undo, progress);
    }
    state = new ConfigurationState(state.generation() + 1, Instant.now(), List.of(), 0);
    return difference.changed();
  }

  /** What a reload would change, or why it would be refused. */
  ReloadResult preview(LoadedConfig next) {
    ConfigDifference difference = ConfigDifference.of(current.config(), next.config(), relaxed);
    return difference.restart().isEmpty()
        ? ReloadResult.applied(difference.changed())
        : ReloadResult.refused(next.invalid(difference.restart()).lines());
  }

  private void apply(
      LoadedConfig loaded,
      ResolvedConfig resolved,
      AdminPort admin,
      OpenedResources undo,
      Consumer<String> progress)
      throws OperatorException {
    // Prepare: each step may fail, and 'undo' discards what the steps before have opened.
    Generation before = current;
    Runnable recording = records.prepare(loaded.config(), resolved, undo);
    signIn = signIn == null ? services(loaded.config()) : signIn;
    RunningFeatures.Prepared parts = features.prepare(loaded.config(), undo);
    CertificateAuthorities authorities = before.authorities().with(loaded.config(), progress);
    Generation next =
        Generation.open(
            loaded, resolved, parts, authorities, signIn, before, this::replaceRoutes, schedule);
    inUse.add(next);
    undo.add(() -> inUse.ended(next));
    if (before.signIn() == null) {
      // No session uses the accounts yet.
      next.startSignIn();
    }
    Runnable serving = admin.prepare(next, undo);
    CompletionStage<Void> ended = proxy.apply(next.proxySpec(records, tickets, rsa.chosen()));
    // Commit: nothing below can fail, and sessions may use everything already.
    undo.keep();
    current = next;
    features.commit(parts);
    before.supersede(next.signIn());
    if (before.signIn() != null) {
      next.startSignIn();
    }
    recording.run();
    next.start(records.metrics().configuration(), records.accessLogs(), proxy::retire);
    serving.run();
    var unused = ended.thenRunAsync(() -> ended(before));
  }

  /** The last session of an earlier configuration has ended. */
  private void ended(Generation before) {
    if (inUse.ended(before)) {
      records
          .metrics()
          .keepListeners(
              inUse.inUse().stream().flatMap(Generation::listeners).collect(Collectors.toSet()));
    }
  }

  /** A reload was not applied; the metrics and the overview show it. */
  synchronized void refused(List<String> problems) {
    state = new ConfigurationState(state.generation(), state.loadedAt(), problems, 0);
  }

  /** A newer endpoint list gives the current configuration other routes. */
  private synchronized void replaceRoutes(Generation generation, RouteTable routes) {
    if (generation == current) {
      generation.resolved().table().replace(routes);
      proxy.replaceRoutes(routes);
      generation
          .authorities()
          .warnings(routes.signableNames())
          .forEach(warning -> log.warn("{}", warning));
    }
  }

  private @Nullable SharedSignIn services(ServerConfig config) throws OperatorException {
    return config.signIn() == null || !SignInGeneration.isNeeded(config)
        ? null
        : new SharedSignIn(
            config,
            config.signIn(),
            records.metrics(),
            records.signIns(),
            instances,
            this::recheckAccounts,
            schedule);
  }

  /** The accounts have changed, which happens after the constructor. */
  private void recheckAccounts() {
    proxy.recheckAccounts();
  }

  private void closeSignIn() {
    if (signIn != null) {
      signIn.close();
    }
  }

  Generation current() {
    return current;
  }

  ConfigurationState state() {
    ConfigurationState latest = state;
    return new ConfigurationState(
        latest.generation(), latest.loadedAt(), latest.problems(), proxy.earlierSessions());
  }

  Proxy proxy() {
    return proxy;
  }
}
