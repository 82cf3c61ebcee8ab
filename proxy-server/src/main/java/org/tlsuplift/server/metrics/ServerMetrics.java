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
import java.util.Collection;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.concurrent.locks.ReadWriteLock;
import java.util.concurrent.locks.ReentrantReadWriteLock;
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

  /**
   * A scrape that reads a meter, and then its replacement, would fail because of the second one.
   */
  private final ReadWriteLock reading = new ReentrantReadWriteLock();

  private final @Nullable OtlpExport export;
  private final Meters meters;
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
    meters = new Meters(registry, reading.writeLock());
    runtime = new RuntimeMeters(registry);
    proxyObserver = new MicrometerProxyObserver(registry, listeners);
    for (SignInRefusal why : SignInRefusal.values()) {
      signInRefusals.put(why, MetricNames.ADMIN_SIGN_INS_REFUSED.counter(registry, why.label()));
    }
    MetricNames.BUILD_INFO.gauge(registry, () -> 1, version, Runtime.version().toString());
  }

  /** The observer that counts the sessions of the proxy. */
  public ProxyObserver proxyObserver() {
    return proxyObserver;
  }

  /** Registers the counters of a listener that starts accepting. */
  public void expectListener(String listener) {
    proxyObserver.expect(listener);
  }

  /** Registers the counters of a listener's mail protocol. */
  public void expectMail(String listener, MailProtocol protocol) {
    proxyObserver.expectMail(listener, protocol);
  }

  /** Registers meters that exist until the end. */
  public Meters meters() {
    return meters;
  }

  /**
   * Creates the meters of a configuration, which are removed together when another one replaces it.
   */
  public Meters configuration() {
    return new Meters(registry, reading.writeLock());
  }

  /**
   * Removes the meters of listeners that no configuration has. Their sessions must have ended.
   *
   * @param listeners the configured names
   */
  public void keepListeners(Set<String> listeners) {
    proxyObserver.keep(listeners);
    try (Meters gone = configuration()) {
      for (Meter meter : registry.getMeters()) {
        String listener = meter.getId().getTag(MetricNames.LISTENER);
        if (listener != null && !listeners.contains(listener)) {
          gone.add(meter);
        }
      }
    }
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

  /** Registers the outcomes of a tenant's token requests. */
  public void expectTokens(String tenant, Collection<String> outcomes) {
    outcomes.forEach(outcome -> MailMetricNames.TOKEN_REQUESTS.counter(registry, tenant, outcome));
  }

  /** Counts a token request; tenant and outcome must be registered. */
  public void tokenAsked(String tenant, String outcome) {
    MailMetricNames.TOKEN_REQUESTS.counter(registry, tenant, outcome).increment();
  }

  /** Counts a request to Microsoft Graph. */
  public void graphAsked(String result) {
    MailMetricNames.GRAPH_REQUESTS.counter(registry, result).increment();
  }

  /** Counts a message that Microsoft Graph may have sent and that will be sent again. */
  public void graphMaySendTwice() {
    MailMetricNames.GRAPH_DUPLICATES.counter(registry).increment();
  }

  /** Registers the meters of waits for a mailbox, and returns the observer that counts them. */
  public MailboxObserver mailboxObserver() {
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
    reading.readLock().lock();
    try {
      return new Exposition(contentType, prometheus.scrape(contentType));
    } finally {
      reading.readLock().unlock();
    }
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
