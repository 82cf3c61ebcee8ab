package org.tlsuplift.server.metrics;

import io.micrometer.core.instrument.Clock;
import io.micrometer.core.instrument.Counter;
import io.micrometer.core.instrument.Meter;
import io.micrometer.core.instrument.MeterRegistry;
import io.micrometer.core.instrument.composite.CompositeMeterRegistry;
import io.micrometer.prometheusmetrics.PrometheusConfig;
import io.micrometer.prometheusmetrics.PrometheusMeterRegistry;
import io.netty.buffer.ByteBufAllocator;
import io.netty.util.concurrent.EventExecutorGroup;
import java.time.Instant;
import java.util.Collection;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.function.BooleanSupplier;
import java.util.function.IntSupplier;
import java.util.function.LongSupplier;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;
import org.tlsuplift.proxy.model.MailProtocol;
import org.tlsuplift.proxy.model.ProxyObserver;
import org.tlsuplift.proxy.signin.limits.MailboxObserver;

/**
 * The daemon's metrics: parts register their sources, and scrapes read the text. Thread-safe.
 *
 * <p>No other package needs Micrometer: the proxy gets an observer, and the admin server gets text.
 */
public final class ServerMetrics implements AutoCloseable {
  private final PrometheusMeterRegistry prometheus =
      new PrometheusMeterRegistry(PrometheusConfig.DEFAULT);
  private final MeterRegistry registry;
  private final @Nullable OtlpExport export;
  private final RuntimeMeters runtime;
  private final MicrometerProxyObserver proxyObserver;
  private final Map<SignInRefusal, Counter> signInRefusals = new EnumMap<>(SignInRefusal.class);

  /**
   * Registers the meters of the JVM and of the listeners.
   *
   * @param version the version of this program, a label of {@code tlsuplift_build_info}
   * @param listeners the configured names
   * @param otlp a receiver of all meters, or null for none
   */
  public ServerMetrics(String version, Collection<String> listeners, @Nullable OtlpTarget otlp) {
    // Two meters with one name are a bug in this package. Failing is better than losing one.
    prometheus.throwExceptionOnRegistrationFailure();
    export = otlp == null ? null : new OtlpExport(otlp, version);
    registry =
        export == null
            ? prometheus
            : new CompositeMeterRegistry(Clock.SYSTEM, List.of(prometheus, export.registry()));
    runtime = new RuntimeMeters(registry);
    proxyObserver = new MicrometerProxyObserver(registry, listeners);
    for (SignInRefusal why : SignInRefusal.values()) {
      signInRefusals.put(why, MetricNames.ADMIN_SIGN_INS_REFUSED.counter(registry, why.label()));
    }
    MetricNames.BUILD_INFO.gauge(registry, () -> 1, version, Runtime.version().toString());
  }

  /** Adds the name of the library for RSA. Call it once. */
  public void rsa(String library) {
    MetricNames.RSA_INFO.gauge(registry, () -> 1, library);
  }

  /** The observer that counts the sessions of the proxy. */
  public ProxyObserver proxyObserver() {
    return proxyObserver;
  }

  /** Registers the counters of a listener that starts accepting. */
  public void expectListener(String listener) {
    proxyObserver.expect(listener);
  }

  /** The counters of accounts and tokens. */
  public SignInMeters signIn() {
    return new SignInMeters(registry, kept -> {});
  }

  /** Registers the counters of a listener's mail protocol. */
  public void expectMail(String listener, MailProtocol protocol) {
    proxyObserver.expectMail(listener, protocol);
  }

  /**
   * Creates the meters of a configuration, which are removed together when another one replaces it.
   */
  public ConfigurationMeters configuration() {
    return new ConfigurationMeters(registry);
  }

  /**
   * Removes the meters of listeners that no configuration has. Their sessions must have ended.
   *
   * @param listeners the configured names
   */
  public void keepListeners(Set<String> listeners) {
    proxyObserver.keep(listeners);
    for (Meter meter : registry.getMeters()) {
      String listener = meter.getId().getTag(MetricNames.LISTENER);
      if (listener != null && !listeners.contains(listener)) {
        registry.remove(meter);
      }
    }
  }

  /**
   * Adds the meters of lost records and of an unreachable database. Both suppliers are called at
   * each scrape; they must be fast and must not block.
   *
   * @param dropped lost records and devices; never falls
   */
  public void observeInventory(LongSupplier dropped, BooleanSupplier away) {
    MetricNames.INVENTORY_DROPPED.counter(registry, dropped);
    MetricNames.INVENTORY_AWAY.gauge(registry, () -> away.getAsBoolean() ? 1 : 0);
  }

  /**
   * Adds the meters of instances that share a database. Both suppliers are called at each scrape;
   * they must be fast and must not block.
   *
   * @param live instances; 0 if unknown
   */
  public void observeInstances(IntSupplier live, BooleanSupplier away) {
    MetricNames.INSTANCES.gauge(registry, live::getAsInt);
    MetricNames.INSTANCES_AWAY.gauge(registry, () -> away.getAsBoolean() ? 1 : 0);
  }

  /**
   * Adds the number of devices that sent mail regularly and have stopped.
   *
   * @param devices called at each scrape, fast and without blocking
   */
  public void observeSilentSenders(IntSupplier devices) {
    MailMetricNames.SILENT_SENDERS.gauge(registry, devices::getAsInt);
  }

  /**
   * Adds the number of devices with one verdict.
   *
   * @param devices called at each scrape, fast and without blocking
   */
  public void observeDevices(String verdict, LongSupplier devices) {
    MetricNames.DEVICES.gauge(registry, devices::getAsLong, verdict);
  }

  /**
   * Adds the session limit and whether the daemon is ready.
   *
   * @param limit the limit of open sessions; called at each scrape, fast and without blocking
   * @param ready whether new sessions are accepted; called in the same way
   */
  public void observeCapacity(IntSupplier limit, BooleanSupplier ready) {
    MetricNames.SESSIONS_LIMIT.gauge(registry, limit::getAsInt);
    MetricNames.READY.gauge(registry, () -> ready.getAsBoolean() ? 1 : 0);
  }

  /**
   * Adds the meters of reloads. The suppliers are called at each scrape; they must be fast and must
   * not block.
   *
   * @param successful whether the latest reload was applied
   * @param loadedAt when the configuration in use was loaded
   * @param generation the number of the configuration in use
   * @param earlierSessions the number of sessions that still use an earlier one
   */
  public void observeConfiguration(
      BooleanSupplier successful,
      Supplier<Instant> loadedAt,
      IntSupplier generation,
      IntSupplier earlierSessions) {
    MetricNames.CONFIG_RELOAD_SUCCESSFUL.gauge(registry, () -> successful.getAsBoolean() ? 1 : 0);
    MetricNames.CONFIG_RELOAD_TIME.gauge(registry, () -> loadedAt.get().getEpochSecond());
    MetricNames.CONFIG_GENERATION.gauge(registry, generation::getAsInt);
    MetricNames.CONFIG_EARLIER_SESSIONS.gauge(registry, earlierSessions::getAsInt);
  }

  /**
   * Adds the meter of blocked event loops.
   *
   * @param count called at each scrape, fast and without blocking
   */
  public void observeBlockedLoops(IntSupplier count) {
    MetricNames.LOOPS_BLOCKED.gauge(registry, count::getAsInt);
  }

  /**
   * Adds the meter of devices that wait for their handshakes.
   *
   * @param count called at each scrape, fast and without blocking
   */
  public void observeWaitingHandshakes(LongSupplier count) {
    MetricNames.HANDSHAKES_WAITING.gauge(registry, count::getAsLong);
  }

  /**
   * Adds the counter of full accept queues.
   *
   * @param overflows never falls; called at each scrape, fast and without blocking
   */
  public void observeAcceptQueue(LongSupplier overflows) {
    MetricNames.ACCEPT_QUEUE_OVERFLOWS.counter(registry, overflows);
  }

  /**
   * Adds a counter of notifications.
   *
   * @param count never falls; called at each scrape, fast and without blocking
   */
  public void observeNotifications(String channel, String outcome, LongSupplier count) {
    MetricNames.NOTIFICATIONS.counter(registry, count, channel, outcome);
  }

  /** The sessions that have ended for one of these reasons, on all listeners. */
  public double sessions(Set<String> reasons) {
    return sum(MetricNames.SESSIONS_CLOSED, "reason", reasons);
  }

  /** The replies of origins with one of these labels, on all listeners. */
  public double originReplies(Set<String> replies) {
    return sum(MailMetricNames.ORIGIN_REPLIES, "reply", replies);
  }

  private double sum(MeterName meter, String label, Set<String> values) {
    return registry.find(meter.name()).counters().stream()
        .filter(counter -> values.contains(String.valueOf(counter.getId().getTag(label))))
        .mapToDouble(Counter::count)
        .sum();
  }

  /** Counts a refused sign-in at the admin port. Never blocks. */
  public void adminSignInRefused(SignInRefusal why) {
    Objects.requireNonNull(signInRefusals.get(why)).increment();
  }

  /**
   * Adds the meters of lines that are missing from the log. Both suppliers are called at each
   * scrape; they must be fast and must not block. Their values never fall.
   *
   * @param dropped lines lost because the output was too slow
   * @param leftOut lines omitted because of {@code log.linesPerMinute}
   */
  public void observeLog(LongSupplier dropped, LongSupplier leftOut) {
    MetricNames.LOG_DROPPED.counter(registry, dropped);
    MetricNames.LOG_LEFT_OUT.counter(registry, leftOut);
  }

  /**
   * Adds the meters of mailbox limits.
   *
   * @param sessions open sessions; called at each scrape, fast and without blocking
   * @param waiting waiting devices; called in the same way
   * @return the observer that counts waits
   */
  public MailboxObserver observeMailboxes(IntSupplier sessions, IntSupplier waiting) {
    MailMetricNames.MAILBOX_SESSIONS.gauge(registry, sessions::getAsInt);
    MailMetricNames.MAILBOX_WAITING.gauge(registry, waiting::getAsInt);
    return new MailboxMeters(registry);
  }

  /** Registers the sign-in counters of a listener. */
  public void expectSignIns(String listener) {
    proxyObserver.expectSignIns(listener);
  }

  public void observeAllocator(ByteBufAllocator allocator) {
    runtime.bind(allocator);
  }

  /** Adds a group of event loops and starts their threads. Call it once for each group. */
  public void observeEventLoops(EventExecutorGroup loops) {
    runtime.bind(loops);
  }

  /**
   * Reads all meters. This takes milliseconds and may query the operating system, so never call it
   * on an event loop.
   *
   * @param accept the {@code Accept} header of the request, empty for the Prometheus text format
   */
  public Exposition scrape(String accept) {
    String contentType = ExpositionFormat.negotiate(accept).contentType();
    return new Exposition(contentType, prometheus.scrape(contentType));
  }

  /**
   * Exports all meters a last time to the receiver, if there is one, and stops them. The wait is
   * limited.
   */
  @Override
  public void close() {
    runtime.close();
    if (export != null) {
      export.close();
    }
    registry.close();
    prometheus.close();
  }
}
