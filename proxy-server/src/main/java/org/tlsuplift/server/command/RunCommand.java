package org.tlsuplift.server.command;

import io.netty.util.NetUtil;
import java.nio.file.Path;
import java.time.Duration;
import java.util.concurrent.Callable;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.tlsuplift.proxy.accept.Listener;
import org.tlsuplift.proxy.model.UnhandledVariantException;
import org.tlsuplift.proxy.negotiate.AcceptMode;
import org.tlsuplift.proxy.outcome.OperatorException;
import org.tlsuplift.server.command.text.ConfigOption;
import org.tlsuplift.server.command.text.ListenerText;
import org.tlsuplift.server.config.LimitsConfig;
import org.tlsuplift.server.config.LoadedConfig;
import org.tlsuplift.server.config.LogMapper;
import org.tlsuplift.server.config.binding.InvalidConfigException;
import org.tlsuplift.server.daemon.Components;
import org.tlsuplift.server.daemon.InventorySource;
import org.tlsuplift.server.daemon.Notifications;
import org.tlsuplift.server.daemon.ReloadTriggers;
import org.tlsuplift.server.daemon.Reloader;
import org.tlsuplift.server.log.DaemonLog;
import org.tlsuplift.server.process.Systemd;
import org.tlsuplift.server.process.Version;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/** Runs the daemon until a signal stops it. */
@Command(
    name = "run",
    footer = "%nExample:%n  tls-uplift run --watch --config /etc/tls-uplift/tls-uplift.yaml",
    header = "Run the proxy.",
    description = {
      "Reloads the configuration at SIGHUP, without dropping sessions. Runs until SIGTERM or"
          + " SIGINT. Then it waits limits.stopGrace, stops accepting sessions, gives open sessions"
          + " up to limits.drainTimeout to end, and exits with 0. A second signal ends it"
          + " immediately."
    })
final class RunCommand implements Callable<Integer> {
  private static final Logger log = LoggerFactory.getLogger(RunCommand.class);
  private static final Duration CLOSING = Duration.ofSeconds(5);

  /** After this time, all that the start loads has been loaded. */
  private static final Duration STARTED = Duration.ofSeconds(5);

  private final StopSignal stop;
  @Mixin private final ConfigOption config = new ConfigOption();
  @Mixin private final AdminPortOption adminPort = new AdminPortOption();

  @Option(
      names = "--watch",
      description =
          "Also reload when the content of the configuration, or of a file that it names, has"
              + " changed.")
  private boolean watch;

  private volatile @Nullable Components running;

  RunCommand(StopSignal stop) {
    this.stop = stop;
  }

  @Override
  public Integer call() throws Exception {
    Path watched = watched();
    stop.arm();
    LoadedConfig loaded = load();
    stop.endWithin(() -> longestEnd(limits(loaded)));
    DaemonLog output = DaemonLog.begin(LogMapper.map(loaded.config().log()));
    try {
      run(loaded, watched);
    } finally {
      output.close();
    }
    return 0;
  }

  private LoadedConfig load() throws InvalidConfigException {
    return adminPort.in(config.load());
  }

  private LimitsConfig limits(LoadedConfig first) {
    Components now = running;
    return now == null ? first.config().limits() : now.limits();
  }

  private void run(LoadedConfig loaded, @Nullable Path watched) throws Exception {
    log.info(
        "{} with {}: devices with old TLS reach Microsoft 365 with TLS 1.2 or 1.3",
        Version.current(),
        loaded.source());
    boolean first = InventorySource.isNew(loaded.config());
    loaded.warnings().forEach(warning -> log.warn("{}", warning.in(loaded.source())));
    try (Systemd systemd = Systemd.of(System.getenv(), ProcessHandle.current().pid());
        Components components =
            Components.start(loaded, systemd, log::info, RunCommand::announce)) {
      String pages =
          (loaded.config().admin().tls() == null ? "http://" : "https://")
              + NetUtil.toSocketAddressString(components.adminAddress());
      log.info("admin: {}/metrics", pages);
      running = components;
      try (Notifications notifications =
              Notifications.of(components.notifications(), components.schedule());
          ReloadTriggers triggers =
              ReloadTriggers.start(components, new Reloader(components, this::load), watched)) {
        notifications.begin();
        stop.onReload(triggers::signalled);
        log.info("ready");
        if (first) {
          log.info("next: set up a device for one of these listeners; {}/ has the steps", pages);
        }
        serve(components);
      }
    }
  }

  /** The configuration file if its content is watched, or null. */
  private @Nullable Path watched() throws OperatorException {
    String file = config.file();
    if (watch && file == null) {
      throw new OperatorException("--watch needs --config, because only a file can change");
    }
    return watch && file != null ? Path.of(file) : null;
  }

  private void serve(Components components) throws InterruptedException {
    releaseMemory();
    String why = stop.await();
    log.info("{}: draining: not ready", why);
    components.retire();
    log.info(
        "{}: draining: stopped accepting sessions; open sessions: {}", why, components.sessions());
    int ended = components.drain();
    log.info("stopped; interrupted sessions: {}", ended);
  }

  /**
   * The start leaves as much garbage as the daemon needs, and an idle daemon would keep it for
   * hours: collections follow allocations. One collection here stops all threads for about 50 ms,
   * and the heap shrinks by a third. An option for it exists only for other collectors, such as
   * {@code G1PeriodicGCInterval} (JEP 346).
   */
  private static void releaseMemory() {
    CompletableFuture.delayedExecutor(STARTED.toMillis(), TimeUnit.MILLISECONDS, Runnable::run)
        .execute(System::gc);
  }

  /** Ending the remaining sessions takes a moment after {@code limits.drainTimeout}. */
  private static Duration longestEnd(LimitsConfig limits) {
    return limits.stopGrace().plus(limits.drainTimeout()).plus(CLOSING);
  }

  private static void announce(Listener listener) {
    AcceptMode accept = listener.spec().accept();
    String kind;
    if (accept instanceof AcceptMode.Fixed fixed) {
      kind = "fixed to " + fixed.origin();
    } else if (accept instanceof AcceptMode.Socks) {
      kind = "socks";
    } else if (accept instanceof AcceptMode.Transparent transparent) {
      kind = "transparent by " + transparent.redirection().label();
    } else if (accept instanceof AcceptMode.HttpConnect) {
      kind = "http-connect";
    } else {
      throw new UnhandledVariantException(accept);
    }
    log.info(
        "listener {}: {} on {}{}{}, profile {}",
        listener.spec().name(),
        kind,
        NetUtil.toSocketAddressString(listener.address()),
        listener.inherited() ? " (opened by systemd)" : "",
        ListenerText.mail(listener.spec().mail().service()),
        listener.spec().profile().name());
  }
}
