package org.tlsuplift.server.daemon;

import io.netty.buffer.PooledByteBufAllocator;
import java.net.InetSocketAddress;
import java.time.Instant;
import java.util.List;
import java.util.concurrent.CompletionStage;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.tlsuplift.proxy.Proxy;
import org.tlsuplift.proxy.accept.BindFailedException;
import org.tlsuplift.proxy.accept.Listener;
import org.tlsuplift.proxy.ca.CaException;
import org.tlsuplift.proxy.ca.IssuingCa;
import org.tlsuplift.proxy.model.ProxyObserver;
import org.tlsuplift.proxy.route.RouteTable;
import org.tlsuplift.server.admin.AdminBindException;
import org.tlsuplift.server.admin.HealthState;
import org.tlsuplift.server.config.ServerConfig;
import org.tlsuplift.server.config.load.LoadedConfig;
import org.tlsuplift.server.config.yaml.InvalidConfigException;
import org.tlsuplift.server.daemon.ca.ListenerExpiry;
import org.tlsuplift.server.daemon.watch.EventLoopWatch;
import org.tlsuplift.server.daemon.watch.IdentityWatch;
import org.tlsuplift.server.daemon.watch.JarWatch;
import org.tlsuplift.server.insight.overview.ConfigurationState;
import org.tlsuplift.server.instances.Instance;
import org.tlsuplift.server.instances.Instances;
import org.tlsuplift.server.metrics.ServerMetrics;
import org.tlsuplift.server.systemd.Systemd;

/**
 * The parts of a running daemon. This class creates them, starts them, replaces those of a
 * configuration and stops them.
 *
 * <p>All methods block, so never call them on an event loop.
 */
public final class Components implements AutoCloseable {
  private static final Logger log = LoggerFactory.getLogger(Components.class);

  private final OpenedResources opened;
  private final boolean relaxed;
  private final HealthState health = new HealthState();
  private final SessionRecords records;
  private final ServerMetrics metrics;
  private final ProxyObserver observer;
  private final Proxy proxy;
  private final ServiceStatus status;

  private final PartsInUse inUse;

  private volatile ConfigurationState state = new ConfigurationState(1, Instant.now(), List.of());

  private final AdminPort admin;
  private volatile ConfiguredParts current;
  private final @Nullable Instances instances;
  private @Nullable SignInServices signIn;

  private Components(
      OpenedResources opened,
      LoadedConfig loaded,
      ResolvedConfig resolved,
      Systemd systemd,
      Consumer<String> progress)
      throws CaException, AdminBindException, BindFailedException, StartFailedException {
    this.opened = opened;
    relaxed = TlsRuntime.isAntique(loaded.config());
    records = SessionRecords.open(loaded.config(), resolved, opened);
    metrics = records.metrics();
    observer = records.observer();
    opened.add(this::closeSignIn);
    instances = InstancesSource.open(loaded.config(), () -> state, this::sessions);
    if (instances != null) {
      opened.add(instances::close);
      metrics.observeInstances(instances::live, instances::isAway);
    }
    signIn = services(loaded.config());
    current = ConfiguredParts.open(loaded, resolved, signIn, null, this::replaceRoutes, progress);
    inUse = new PartsInUse(metrics);
    inUse.add(current);
    opened.add(inUse::close);
    proxy =
        Proxy.prepare(
            current.proxySpec(observer), PassedListeners.of(systemd.sockets(), loaded, resolved));
    opened.add(proxy::close);
    current.startSignIn();
    // Ports accept connections from here on. All other steps that can fail come before.
    admin = AdminPort.start(current, records, health, proxy, () -> state, this::knownInstances);
    opened.add(admin::close);
    proxy.open();
    current.start(metrics.configuration(), records.accessLogs(), proxy::retire);
    JarWatch jar = JarWatch.ofThisProgram();
    opened.add(jar::close);
    jar.start();
    metrics.observeCapacity(
        () -> current.resolved().limits().maxSessions(),
        () -> health.phase() == HealthState.Phase.READY);
    metrics.observeConfiguration(
        () -> state.problems().isEmpty(), () -> state.loadedAt(), () -> state.generation());
    metrics.observeAllocator(PooledByteBufAllocator.DEFAULT);
    metrics.observeEventLoops(proxy.eventLoops());
    metrics.observeBlockedLoops(health::blockedLoops);
    status =
        new ServiceStatus(
            systemd.notifier(), () -> proxy.listeners().size(), proxy::sessions, System::nanoTime);
    EventLoopWatch loops =
        new EventLoopWatch(
            proxy.eventLoops(),
            blocked -> {
              health.blockedLoops(blocked);
              status.loopsChecked(blocked);
            },
            System::nanoTime);
    opened.add(loops::close);
    loops.start();
    if (instances != null) {
      instances.start();
    }
    health.ready();
    status.ready();
  }

  /** As {@link #start(LoadedConfig, Systemd, Consumer)}, for a process that systemd ignores. */
  public static Components start(LoadedConfig loaded, Consumer<String> progress)
      throws InvalidConfigException,
          CaException,
          AdminBindException,
          BindFailedException,
          StartFailedException {
    return start(loaded, Systemd.none(), progress);
  }

  /**
   * Starts all parts. If one fails, this method stops the parts that have started.
   *
   * @param systemd gives sockets, and receives reports; the caller closes it
   * @param progress receives lines for the operator about slow and one-time steps
   * @throws InvalidConfigException if this machine cannot run the configuration
   * @throws CaException if the CA cannot be loaded or created
   * @throws AdminBindException if the admin address cannot be bound
   * @throws BindFailedException if a listener's address cannot be bound
   * @throws StartFailedException if the data directory cannot be created, TLS is missing or fails
   *     its self-test, or a socket of systemd belongs to no listener
   */
  public static Components start(LoadedConfig loaded, Systemd systemd, Consumer<String> progress)
      throws InvalidConfigException,
          CaException,
          AdminBindException,
          BindFailedException,
          StartFailedException {
    int sessions = FileLimit.sessions(loaded.config().limits().maxSessions());
    // Before anything else uses TLS, because the JDK reads its settings then.
    TlsRuntime.prepare(loaded);
    ResolvedConfig resolved = resolve(loaded, sessions);
    OpenedResources opened = new OpenedResources();
    boolean started = false;
    try {
      DataDirectory.use(loaded.config().dataDirectory(), opened);
      Components components = new Components(opened, loaded, resolved, systemd, progress);
      started = true;
      return components;
    } catch (CaException failed) {
      if (FullDisk.isCauseOf(failed)) {
        throw FullDisk.at(loaded.config().dataDirectory(), failed);
      }
      throw failed;
    } catch (IllegalStateException failed) {
      throw new StartFailedException(String.valueOf(failed.getMessage()), failed);
    } finally {
      if (!started) {
        opened.close();
      }
    }
  }

  private static ResolvedConfig resolve(LoadedConfig loaded, int sessions)
      throws InvalidConfigException {
    return ConfigMapper.map(loaded)
        .without(ListenerExpiry.over(loaded.config()))
        .limitedTo(sessions);
  }

  /**
   * Gives sessions that start from now on another configuration. Open sessions keep theirs. If any
   * part fails, nothing changes.
   *
   * @param progress receives lines for the operator
   * @return the keys that have changed
   * @throws InvalidConfigException if this machine cannot run the configuration, or a key has
   *     changed that needs a restart
   */
  public synchronized List<String> reload(LoadedConfig next, Consumer<String> progress)
      throws InvalidConfigException,
          CaException,
          AdminBindException,
          BindFailedException,
          StartFailedException {
    ConfigDifference difference = ConfigDifference.of(current.config(), next.config(), relaxed);
    if (!difference.restart().isEmpty()) {
      throw next.invalid(difference.restart());
    }
    TlsRuntime.check(next);
    ResolvedConfig resolved =
        resolve(next, FileLimit.sessions(next.config().limits().maxSessions()));
    try (OpenedResources undo = new OpenedResources()) {
      apply(next, resolved, undo, progress);
    }
    state = new ConfigurationState(state.generation() + 1, Instant.now(), List.of());
    return difference.changed();
  }

  /** A reload was not applied; the metrics and the overview show it. */
  synchronized void refused(List<String> problems) {
    state = new ConfigurationState(state.generation(), state.loadedAt(), problems);
  }

  private void apply(
      LoadedConfig loaded, ResolvedConfig resolved, OpenedResources undo, Consumer<String> progress)
      throws CaException, AdminBindException, BindFailedException, StartFailedException {
    ConfiguredParts before = current;
    Runnable recording = records.prepare(loaded.config(), resolved, undo);
    signIn = signIn == null ? services(loaded.config()) : signIn;
    ConfiguredParts next =
        ConfiguredParts.open(loaded, resolved, signIn, before, this::replaceRoutes, progress);
    undo.add(() -> inUse.cancel(next));
    if (before.signIn() == null) {
      // No session uses the accounts yet.
      next.startSignIn();
    }
    Runnable serving = admin.prepare(next, undo);
    CompletionStage<Void> ended = proxy.apply(next.proxySpec(observer));
    // Nothing below can fail, and sessions may use everything already.
    undo.keep();
    inUse.add(next);
    current = next;
    before.supersede(next.signIn());
    if (before.signIn() != null) {
      next.startSignIn();
    }
    recording.run();
    next.start(metrics.configuration(), records.accessLogs(), proxy::retire);
    serving.run();
    var unused = ended.thenRunAsync(() -> inUse.ended(before));
  }

  private List<Instance> knownInstances() {
    return instances == null ? List.of() : instances.known();
  }

  private void closeSignIn() {
    if (signIn != null) {
      signIn.close();
    }
  }

  private @Nullable SignInServices services(ServerConfig config) {
    return config.signIn() == null || !SignInParts.isNeeded(config)
        ? null
        : new SignInServices(config, config.signIn(), metrics, instances);
  }

  /** A newer endpoint list gives the current configuration other routes. */
  private synchronized void replaceRoutes(ConfiguredParts parts, RouteTable routes) {
    if (parts == current) {
      parts.resolved().table().replace(routes);
      proxy.replaceRoutes(routes);
      parts
          .authorities()
          .warnings(routes.signableNames())
          .forEach(warning -> log.warn("{}", warning));
    }
  }

  /** The open ports, in the order of the configuration. */
  public List<Listener> listeners() {
    return proxy.listeners();
  }

  public InetSocketAddress adminAddress() {
    return admin.address();
  }

  /** The current configuration. */
  public ServerConfig config() {
    return current.config();
  }

  /** What operators are notified about, for all configurations. */
  public NotificationSource notifications() {
    return new NotificationSource(() -> current, records, health, () -> state);
  }

  /** The limits of the current configuration. */
  public ServerConfig.Limits limits() {
    return current.config().limits();
  }

  public IssuingCa ca() {
    return current.authorities().common();
  }

  IdentityWatch identities() {
    return current.identities();
  }

  public int sessions() {
    return proxy.sessions();
  }

  /**
   * Reports that the daemon is draining, and blocks for {@code limits.stopGrace}, because a load
   * balancer may need several checks to notice.
   */
  public void retire() {
    health.draining();
    status.stopping(limits().stopGrace().plus(limits().drainTimeout()));
    try {
      Thread.sleep(limits().stopGrace().toMillis());
    } catch (InterruptedException sooner) {
      Thread.currentThread().interrupt();
    }
  }

  /**
   * Stops accepting sessions, and waits up to {@code limits.drainTimeout} for open sessions to end.
   *
   * @return the number of sessions that this method had to end
   */
  public int drain() {
    health.draining();
    return proxy.drain(limits().drainTimeout());
  }

  /** Ends all sessions and stops all parts immediately. */
  @Override
  public void close() {
    health.draining();
    opened.close();
  }
}
