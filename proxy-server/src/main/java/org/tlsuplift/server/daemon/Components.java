package org.tlsuplift.server.daemon;

import io.netty.buffer.PooledByteBufAllocator;
import java.net.InetSocketAddress;
import java.time.Clock;
import java.time.Duration;
import java.util.List;
import java.util.function.Consumer;
import java.util.function.IntSupplier;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.tlsuplift.proxy.Proxy;
import org.tlsuplift.proxy.accept.BindFailedException;
import org.tlsuplift.proxy.accept.Listener;
import org.tlsuplift.proxy.ca.CaException;
import org.tlsuplift.proxy.ca.IssuingCa;
import org.tlsuplift.proxy.keyfile.KeyFileException;
import org.tlsuplift.server.accesslog.AccessLog;
import org.tlsuplift.server.admin.AdminBindException;
import org.tlsuplift.server.admin.AdminServer;
import org.tlsuplift.server.admin.HealthState;
import org.tlsuplift.server.config.load.LoadedConfig;
import org.tlsuplift.server.config.yaml.InvalidConfigException;
import org.tlsuplift.server.daemon.ca.CertificateAuthorities;
import org.tlsuplift.server.daemon.ca.ListenerExpiry;
import org.tlsuplift.server.daemon.watch.AntiqueWatch;
import org.tlsuplift.server.daemon.watch.CaWatch;
import org.tlsuplift.server.daemon.watch.EndpointListWatch;
import org.tlsuplift.server.daemon.watch.EventLoopWatch;
import org.tlsuplift.server.daemon.watch.IdentityWatch;
import org.tlsuplift.server.daemon.watch.JarWatch;
import org.tlsuplift.server.inventory.jdbc.DeviceInventory;
import org.tlsuplift.server.metrics.ServerMetrics;
import org.tlsuplift.server.sessions.FirstSessions;
import org.tlsuplift.server.sessions.LiveSessions;
import org.tlsuplift.server.systemd.Systemd;

/**
 * The parts of a running daemon. This class creates them, starts them and stops them.
 *
 * <p>All methods block, so never call them on an event loop.
 */
public final class Components implements AutoCloseable {
  private static final Logger log = LoggerFactory.getLogger(Components.class);

  private final OpenedResources opened;
  private final HealthState health;
  private final CertificateAuthorities certificateAuthorities;
  private final IdentityWatch identities;
  private final AdminServer admin;
  private final Proxy proxy;
  private final ServiceStatus status;
  private final Duration stopGrace;
  private final Duration drainTimeout;

  private Components(
      OpenedResources opened,
      LoadedConfig loaded,
      ResolvedConfig resolvedConfig,
      Systemd systemd,
      Consumer<String> progress)
      throws CaException, AdminBindException, BindFailedException, StartFailedException {
    this.opened = opened;
    stopGrace = loaded.config().limits().stopGrace();
    drainTimeout = loaded.config().limits().drainTimeout();
    health = new HealthState();
    certificateAuthorities =
        new CertificateAuthorities(loaded.config(), ListenerExpiry.over(loaded.config()), progress);
    opened.add(certificateAuthorities::close);
    certificateAuthorities.warnings().forEach(warning -> log.warn("{}", warning));
    identities = identities(loaded);
    opened.add(identities::close);
    ServerMetrics metrics = MetricsSetup.start(loaded.config(), resolvedConfig);
    opened.add(metrics::close);
    AccessLog accessLog = AccessLogSource.open(loaded.config());
    if (accessLog != null) {
      opened.add(accessLog::close);
      metrics.observeAccessLog(accessLog::dropped);
    }
    DeviceInventory inventory = InventorySource.start(loaded.config(), metrics);
    if (inventory != null) {
      opened.add(inventory::close);
    }
    SessionCount sessions = new SessionCount();
    LiveSessions live = new LiveSessions(resolvedConfig.limits().maxSessions(), Clock.systemUTC());
    SignInServices signIn = SignInServices.open(loaded.config(), resolvedConfig, metrics);
    if (signIn != null) {
      opened.add(signIn::close);
    }
    proxy =
        Proxy.prepare(
            (signIn == null ? resolvedConfig : signIn.into(resolvedConfig))
                .proxySpec(
                    identities.sources(),
                    identities.over(certificateAuthorities.sources()),
                    SessionObservers.of(
                        metrics,
                        live,
                        new FirstSessions(resolvedConfig.limits().networks()),
                        accessLog,
                        inventory,
                        loaded.config().messages())),
            PassedListeners.of(systemd.sockets(), loaded, resolvedConfig));
    opened.add(proxy::close);
    sessions.proxy = proxy::sessions;
    if (signIn != null) {
      signIn.start();
    }
    EndpointListWatch endpoints =
        EndpointListSource.watch(loaded, resolvedConfig, proxy, certificateAuthorities, metrics);
    opened.add(endpoints::close);
    // Ports accept connections from here on. All other steps that can fail come before.
    admin =
        AdminServer.start(
            AdminSetup.spec(
                loaded.config().admin(),
                resolvedConfig,
                certificateAuthorities,
                identities,
                AdminSetup.routes(
                    inventory,
                    PagesSetup.of(
                        loaded.config(),
                        inventory,
                        certificateAuthorities,
                        identities,
                        sessions,
                        endpoints),
                    live)),
            metrics,
            health);
    opened.add(admin::close);
    proxy.alsoListeningOn(admin.address());
    proxy.open();
    certificateAuthorities.observe(metrics);
    identities.observe(metrics);
    identities.start();
    List<ListenerExpiry> expiries = ListenerExpiry.of(loaded.config());
    expiries.forEach(each -> metrics.observeAntiqueListener(each.listener(), each::end));
    AntiqueWatch antique = new AntiqueWatch(expiries, proxy::retire, Clock.systemUTC());
    opened.add(antique::close);
    antique.start();
    CaWatch authorities = new CaWatch(certificateAuthorities.watched(), Clock.systemUTC());
    opened.add(authorities::close);
    authorities.start();
    endpoints.start();
    JarWatch jar = JarWatch.ofThisProgram();
    opened.add(jar::close);
    jar.start();
    metrics.observeCapacity(
        resolvedConfig.limits().maxSessions(), () -> health.phase() == HealthState.Phase.READY);
    metrics.observeAllocator(PooledByteBufAllocator.DEFAULT);
    metrics.observeEventLoops(proxy.eventLoops());
    metrics.observeBlockedLoops(health::blockedLoops);
    status =
        new ServiceStatus(
            systemd.notifier(), proxy.listeners().size(), proxy::sessions, System::nanoTime);
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
    ResolvedConfig resolvedConfig =
        ConfigMapper.map(loaded).without(ListenerExpiry.over(loaded.config())).limitedTo(sessions);
    DataDirectory.prepare(loaded.config().dataDirectory());
    OpenedResources opened = new OpenedResources();
    boolean started = false;
    try {
      Components components = new Components(opened, loaded, resolvedConfig, systemd, progress);
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

  /** The open ports, in the order of the configuration. */
  public List<Listener> listeners() {
    return proxy.listeners();
  }

  public InetSocketAddress adminAddress() {
    return admin.address();
  }

  public IssuingCa ca() {
    return certificateAuthorities.common();
  }

  IdentityWatch identities() {
    return identities;
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
    status.stopping(stopGrace.plus(drainTimeout));
    try {
      Thread.sleep(stopGrace.toMillis());
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
    return proxy.drain(drainTimeout);
  }

  /** Ends all sessions and stops all parts immediately. */
  @Override
  public void close() {
    health.draining();
    opened.close();
  }

  /** The number of sessions; 0 before the proxy starts. Thread-safe. */
  private static final class SessionCount implements IntSupplier {
    private volatile IntSupplier proxy = () -> 0;

    @Override
    public int getAsInt() {
      return proxy.getAsInt();
    }
  }

  private static IdentityWatch identities(LoadedConfig loaded) throws StartFailedException {
    try {
      return IdentityWatch.open(loaded.config());
    } catch (KeyFileException unusable) {
      throw new StartFailedException(String.valueOf(unusable.getMessage()), unusable);
    }
  }
}
