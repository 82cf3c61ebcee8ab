package org.tlsuplift.server.daemon;

import io.netty.buffer.PooledByteBufAllocator;
import java.net.InetSocketAddress;
import java.time.Clock;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.function.Consumer;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;
import org.tlsuplift.proxy.Proxy;
import org.tlsuplift.proxy.accept.Listener;
import org.tlsuplift.proxy.ca.IssuingCa;
import org.tlsuplift.proxy.outcome.OperatorException;
import org.tlsuplift.proxy.signin.MailboxPermits;
import org.tlsuplift.server.authority.CertificateAuthorities;
import org.tlsuplift.server.background.Schedule;
import org.tlsuplift.server.cluster.Instance;
import org.tlsuplift.server.cluster.Instances;
import org.tlsuplift.server.config.LimitsConfig;
import org.tlsuplift.server.config.LoadedConfig;
import org.tlsuplift.server.config.ServerConfig;
import org.tlsuplift.server.config.binding.InvalidConfigException;
import org.tlsuplift.server.daemon.watch.AcceptQueueWatch;
import org.tlsuplift.server.daemon.watch.EventLoopWatch;
import org.tlsuplift.server.daemon.watch.IdentityWatch;
import org.tlsuplift.server.daemon.watch.JarWatch;
import org.tlsuplift.server.http.HealthState;
import org.tlsuplift.server.http.pages.ReloadControl;
import org.tlsuplift.server.http.pages.Steps;
import org.tlsuplift.server.mapping.ResolvedConfig;
import org.tlsuplift.server.mapping.TlsRuntime;
import org.tlsuplift.server.mapping.TransportChoice;
import org.tlsuplift.server.metrics.MailMetricNames;
import org.tlsuplift.server.metrics.Meters;
import org.tlsuplift.server.metrics.MetricNames;
import org.tlsuplift.server.metrics.ServerMetrics;
import org.tlsuplift.server.process.DataDirectory;
import org.tlsuplift.server.process.FullDisk;
import org.tlsuplift.server.process.OpenedResources;
import org.tlsuplift.server.process.ServiceStatus;
import org.tlsuplift.server.process.Systemd;
import org.tlsuplift.server.readiness.ConfigurationState;

/**
 * The parts of a running daemon. This class creates them, starts them, replaces those of a
 * configuration and stops them.
 *
 * <p>All methods block, so never call them on an event loop.
 */
public final class Components implements AutoCloseable {
  /** For a check that a person starts from the page of the doctor. */
  private static final Duration CHECK_LIMIT = Duration.ofMinutes(10);

  private final OpenedResources opened;
  private final Schedule schedule = new Schedule();
  private final HealthState health = new HealthState();
  private final SessionRecords records;
  private final @Nullable Instances instances;
  private final RunningFeatures features;
  private final LiveConfiguration live;
  private final Proxy proxy;
  private final DailyTenantCheck dailyCheck;
  private final CertificateRenewal renewal;
  private final NotificationSource notifications;
  private final AdminPort admin;
  private final ServiceStatus status;
  private final LateReload reload = new LateReload();

  private Components(
      OpenedResources opened,
      LoadedConfig loaded,
      ResolvedConfig resolved,
      CertificateAuthorities authorities,
      Systemd systemd,
      Consumer<Listener> announced)
      throws OperatorException {
    this.opened = opened;
    opened.add(schedule::close);
    records = SessionRecords.open(loaded.config(), resolved, schedule, opened);
    instances = InstancesSource.open(loaded.config(), this::live, schedule);
    if (instances != null) {
      opened.add(instances::close);
    }
    features = Features.of(loaded.config(), this::live, records, schedule);
    opened.add(features::close);
    live =
        new LiveConfiguration(
            loaded, resolved, authorities, records, instances, features, systemd, schedule, opened);
    opened.add(() -> features.drain(Duration.ZERO));
    proxy = live.proxy();
    dailyCheck =
        new DailyTenantCheck(
            () -> live.current().loaded(),
            () ->
                Optional.ofNullable(live.current().signIn())
                    .map(SignInGeneration::permits)
                    .orElse(MailboxPermits.UNLIMITED),
            () -> Optional.ofNullable(records.inventory()),
            Clock.systemUTC());
    renewal = new CertificateRenewal(() -> live.current().loaded(), Clock.systemUTC());
    notifications =
        new NotificationSource(
            live::current,
            records,
            health,
            live::state,
            features::conditions,
            dailyCheck::conditions,
            renewal::conditions);
    health.watch(notifications::states);
    // Ports accept connections from here on. All other steps that can fail come before.
    admin =
        AdminPort.start(
            live.current(),
            records,
            health,
            proxy,
            new PagesSetup(
                records,
                proxy::sessions,
                live::state,
                this::knownInstances,
                reload,
                new TenantChecks(dailyCheck),
                new Steps(Clock.systemUTC(), CHECK_LIMIT)),
            features.pages());
    opened.add(admin::close);
    live.open(announced);
    JarWatch.ofThisProgram().start(schedule);
    observe(records.metrics());
    records.metrics().meters().counter(MetricNames.AUDIT_MISSING, records.audit()::missing);
    AcceptQueueWatch queues = new AcceptQueueWatch();
    if (queues.isAvailable()) {
      records.metrics().meters().counter(MetricNames.ACCEPT_QUEUE_OVERFLOWS, queues::overflows);
    }
    queues.start(schedule);
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
    // Only here, because the database and its driver are not needed to accept connections.
    records.start(config(), schedule);
    features.start();
    dailyCheck.start(schedule);
    renewal.start(schedule);
    health.ready();
    status.ready();
  }

  private void observe(ServerMetrics metrics) {
    Meters meters = metrics.meters();
    meters.gauge(
        MetricNames.SESSIONS_LIMIT, () -> live.current().resolved().limits().maxSessions());
    meters.flag(MetricNames.READY, () -> health.phase() == HealthState.Phase.READY);
    meters.flag(MetricNames.CONFIG_RELOAD_SUCCESSFUL, () -> state().problems().isEmpty());
    meters.time(MetricNames.CONFIG_RELOAD_TIME, () -> state().loadedAt());
    meters.gauge(MetricNames.CONFIG_GENERATION, () -> state().generation());
    meters.gauge(MetricNames.CONFIG_EARLIER_SESSIONS, proxy::earlierSessions);
    metrics.observeAllocator(PooledByteBufAllocator.DEFAULT);
    metrics.observeEventLoops(proxy.eventLoops());
    meters.gauge(MetricNames.LOOPS_BLOCKED, health::blockedLoops);
    meters.counter(MetricNames.TASK_FAILURES, schedule::failures);
    meters.gauge(MetricNames.HANDSHAKES_WAITING, proxy::waitingHandshakes);
    meters.gauge(MailMetricNames.ACCESS_LOST, dailyCheck::lost);
    if (instances != null) {
      meters.gauge(MetricNames.INSTANCES, instances::live);
      meters.flag(MetricNames.INSTANCES_AWAY, instances::isUnreachable);
    }
  }

  /** Starts the daemon in a process that systemd does not manage. */
  public static Components start(LoadedConfig loaded, Consumer<String> progress)
      throws OperatorException {
    return start(loaded, Systemd.none(), progress, opened -> {});
  }

  /**
   * Starts all parts. If one fails, this method stops the parts that have started.
   *
   * @param systemd gives sockets, and receives reports; the caller closes it
   * @param progress receives lines for the operator about slow and one-time steps
   * @param announced gets each listener that has been opened
   * @throws OperatorException if one fails; an {@link InvalidConfigException} if this machine
   *     cannot run the configuration
   */
  public static Components start(
      LoadedConfig loaded, Systemd systemd, Consumer<String> progress, Consumer<Listener> announced)
      throws OperatorException {
    // Before anything else uses TLS, because the JDK reads its settings then.
    TlsRuntime.prepare(loaded.config());
    OpenedResources opened = new OpenedResources();
    boolean started = false;
    try {
      DataDirectory.use(loaded.config().dataDirectory(), opened);
      // Early: other threads make the keys of leaves, beside all further steps.
      CertificateAuthorities authorities = authorities(loaded.config(), progress);
      opened.add(authorities::close);
      TlsRuntime.prove(loaded);
      ResolvedConfig mapped = LiveConfiguration.resolve(loaded);
      TransportChoice choice = TransportChoice.of(loaded.config().transport(), mapped.transport());
      if (!choice.reason().isEmpty()) {
        progress.accept("transport: " + choice.text());
      }
      ResolvedConfig resolved = mapped.on(choice.transport());
      Components components =
          new Components(opened, loaded, resolved, authorities, systemd, announced);
      started = true;
      return components;
    } catch (IllegalStateException failed) {
      throw new OperatorException(String.valueOf(failed.getMessage()), failed);
    } finally {
      if (!started) {
        opened.close();
      }
    }
  }

  private static CertificateAuthorities authorities(ServerConfig config, Consumer<String> progress)
      throws OperatorException {
    try {
      return CertificateAuthorities.open(config, progress);
    } catch (OperatorException failed) {
      throw FullDisk.isCauseOf(failed) ? FullDisk.at(config.dataDirectory(), failed) : failed;
    }
  }

  /**
   * Gives sessions that start from now on another configuration. Open sessions keep theirs. If any
   * part fails, nothing changes.
   *
   * @param progress receives lines for the operator
   * @return the keys that have changed
   * @throws OperatorException if a part fails; an {@link InvalidConfigException} if this machine
   *     cannot run the configuration, or a key has changed that needs a restart
   */
  public List<String> reload(LoadedConfig next, Consumer<String> progress)
      throws OperatorException {
    return live.reload(next, admin, progress);
  }

  /** A reload was not applied; the metrics and the overview show it. */
  void refused(List<String> problems) {
    live.refused(problems);
  }

  /** What a reload to this configuration would change; see {@link #reload}. */
  ReloadResult preview(LoadedConfig next) {
    return live.preview(next);
  }

  /** Lets the pages reload. */
  void reloadWith(Reloader reloader) {
    reload.reloader = reloader;
  }

  /** The pages exist before the reloader. */
  private static final class LateReload implements ReloadControl {
    private volatile @Nullable Reloader reloader;

    @Override
    public Result preview() {
      return result(Reloader::preview);
    }

    @Override
    public Result reload(String trigger) {
      return result(present -> present.reload(trigger));
    }

    private Result result(Function<Reloader, ReloadResult> request) {
      Reloader present = reloader;
      ReloadResult result =
          present == null
              ? ReloadResult.refused(List.of("the daemon is starting; try again in a few seconds"))
              : request.apply(present);
      return new Result(result.changed(), result.problems());
    }
  }

  private LiveConfiguration live() {
    return live;
  }

  private ConfigurationState state() {
    return live.state();
  }

  private List<Instance> knownInstances() {
    return instances == null ? List.of() : instances.known();
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
    return live.current().config();
  }

  /** Runs what belongs to the daemon. Closed with it. */
  public Schedule schedule() {
    return schedule;
  }

  /** What operators are notified about, for all configurations. */
  public NotificationSource notifications() {
    return notifications;
  }

  /** The limits of the current configuration. */
  public LimitsConfig limits() {
    return live.current().config().limits();
  }

  public IssuingCa ca() {
    return live.current().authorities().common();
  }

  public IdentityWatch identities() {
    return live.current().identities();
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
   * Stops accepting sessions and delivering waiting mail, and waits up to {@code
   * limits.drainTimeout} for open sessions and for messages that are being sent.
   *
   * @return the number of sessions that this method had to end
   */
  public int drain() {
    health.draining();
    Duration limit = limits().drainTimeout();
    CompletableFuture<Void> sent = CompletableFuture.runAsync(() -> features.drain(limit));
    int ended = proxy.drain(limit);
    sent.join();
    return ended;
  }

  /** Ends all sessions and stops all parts immediately. */
  @Override
  public void close() {
    health.draining();
    opened.close();
  }
}
