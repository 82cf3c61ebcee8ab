package org.tlsuplift.server.metrics;

import io.micrometer.core.instrument.Meter;
import io.micrometer.core.instrument.MeterRegistry;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.function.LongSupplier;
import java.util.function.Supplier;

/**
 * The meters whose sources a configuration creates. The next configuration removes them and adds
 * its own. One thread at a time may use it.
 */
public final class ConfigurationMeters implements AutoCloseable {
  private final MeterRegistry registry;
  private final List<Meter> meters = new ArrayList<>();

  ConfigurationMeters(MeterRegistry registry) {
    this.registry = registry;
  }

  /**
   * Adds the meters of the CA. Both suppliers are called at each scrape, on any thread; they must
   * be fast and must not block.
   *
   * @param expiry when the CA certificate expires
   * @param minted certificates issued since the start; never falls
   */
  public void observeCertificates(Supplier<Instant> expiry, LongSupplier minted) {
    add(MetricNames.CA_CERTIFICATE_EXPIRY.gauge(registry, () -> expiry.get().getEpochSecond()));
    add(MetricNames.LEAF_CERTIFICATES_MINTED.counter(registry, minted));
  }

  /**
   * Adds the meter of a listener's own CA.
   *
   * @param listener its configured name
   * @param expiry when its certificate expires; called at each scrape, fast and without blocking
   */
  public void observeListenerAuthority(String listener, Supplier<Instant> expiry) {
    add(
        MetricNames.LISTENER_CA_CERTIFICATE_EXPIRY.gauge(
            registry, () -> expiry.get().getEpochSecond(), listener));
  }

  /**
   * Adds the meters of staged and previous CAs. Both suppliers are called at each scrape; they must
   * be fast and must not block.
   *
   * @param staged when the oldest staged CA was staged
   * @param previous when the oldest previous CA that still has its key was replaced
   */
  public void observeKeptAuthorities(
      Supplier<Optional<Instant>> staged, Supplier<Optional<Instant>> previous) {
    add(MetricNames.CA_STAGED.gauge(registry, () -> secondsOrZero(staged)));
    add(MetricNames.CA_PREVIOUS_KEY.gauge(registry, () -> secondsOrZero(previous)));
  }

  private static long secondsOrZero(Supplier<Optional<Instant>> moment) {
    return moment.get().map(Instant::getEpochSecond).orElse(0L);
  }

  /**
   * Adds the meter of a client certificate for origins.
   *
   * @param destination the first destination of its route, as configured
   * @param expiry when it expires; called at each scrape, fast and without blocking
   */
  public void observeClientCertificate(String destination, Supplier<Instant> expiry) {
    add(
        MetricNames.CLIENT_CERTIFICATE_EXPIRY.gauge(
            registry, () -> expiry.get().getEpochSecond(), destination));
  }

  /**
   * Adds the meter of the operator's certificate for devices.
   *
   * @param listener its configured name
   * @param expiry when it expires; called at each scrape, fast and without blocking
   */
  public void observeListenerCertificate(String listener, Supplier<Instant> expiry) {
    add(
        MetricNames.LISTENER_CERTIFICATE_EXPIRY.gauge(
            registry, () -> expiry.get().getEpochSecond(), listener));
  }

  /**
   * Adds the meter of an application's secret or certificate.
   *
   * @param tenant its configured name
   * @param expiry when it expires; called at each scrape, fast and without blocking
   */
  public void observeApplicationSecret(String tenant, Supplier<Instant> expiry) {
    add(
        MetricNames.APPLICATION_SECRET_EXPIRY.gauge(
            registry, () -> expiry.get().getEpochSecond(), tenant));
  }

  /**
   * Adds the meter of the admin port's configured certificate.
   *
   * @param expiry when it expires; called at each scrape, fast and without blocking
   */
  public void observeAdminCertificate(Supplier<Instant> expiry) {
    add(MetricNames.ADMIN_CERTIFICATE_EXPIRY.gauge(registry, () -> expiry.get().getEpochSecond()));
  }

  /**
   * Adds the meter of an antique listener's last day.
   *
   * @param listener its configured name
   * @param end when it stops accepting; called at each scrape, fast and without blocking
   */
  public void observeAntiqueListener(String listener, Supplier<Instant> end) {
    add(
        MetricNames.ANTIQUE_LISTENER_EXPIRY.gauge(
            registry, () -> end.get().getEpochSecond(), listener));
  }

  /**
   * Adds the meters of the endpoint list of Microsoft 365. Both suppliers are called at each
   * scrape; they must be fast and must not block.
   *
   * @param version of the list in use
   * @param age since when the list was last known to be current
   */
  public void observeEndpointList(LongSupplier version, Supplier<Duration> age) {
    add(MetricNames.ENDPOINT_LIST_VERSION.gauge(registry, version::getAsLong));
    add(MetricNames.ENDPOINT_LIST_AGE.gauge(registry, () -> age.get().toSeconds()));
  }

  /**
   * Adds the meter of lines that are missing from the access log.
   *
   * @param dropped missing lines; never falls; called at each scrape, fast and without blocking
   */
  public void observeAccessLog(LongSupplier dropped) {
    add(MetricNames.ACCESS_LOG_DROPPED.counter(registry, dropped));
  }

  /** The meters of accounts and tokens. */
  public SignInMeters signIn() {
    return new SignInMeters(registry, this::add);
  }

  private void add(Meter meter) {
    meters.add(meter);
  }

  /** Removes all meters. */
  @Override
  public void close() {
    meters.forEach(registry::remove);
    meters.clear();
  }
}
