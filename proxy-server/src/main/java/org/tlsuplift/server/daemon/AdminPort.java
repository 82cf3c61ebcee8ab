package org.tlsuplift.server.daemon;

import java.net.InetSocketAddress;
import java.time.Clock;
import java.time.Duration;
import java.util.List;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;
import org.tlsuplift.proxy.Proxy;
import org.tlsuplift.proxy.outcome.OperatorException;
import org.tlsuplift.server.cluster.Instance;
import org.tlsuplift.server.console.FeaturePages;
import org.tlsuplift.server.http.AdminServer;
import org.tlsuplift.server.http.AdminSpec;
import org.tlsuplift.server.http.AdminTls;
import org.tlsuplift.server.http.HealthState;
import org.tlsuplift.server.http.pages.PageSources;
import org.tlsuplift.server.http.pages.Pages;
import org.tlsuplift.server.http.pages.ReloadControl;
import org.tlsuplift.server.http.pages.Steps;
import org.tlsuplift.server.process.OpenedResources;
import org.tlsuplift.server.readiness.ConfigurationState;

/** The admin server of the current configuration. It moves if the address changes. */
final class AdminPort implements AutoCloseable {
  private static final Duration CHECK_LIMIT = Duration.ofMinutes(10);

  private final SessionRecords records;
  private final HealthState health;
  private final Proxy proxy;
  private final Supplier<ConfigurationState> state;
  private final Supplier<List<Instance>> instances;
  private final List<FeaturePages> features;
  private final ReloadControl reload;
  private final TenantChecks tenantChecks;
  private final Steps checks = new Steps(Clock.systemUTC(), CHECK_LIMIT);
  private volatile InetSocketAddress bind;
  private volatile AdminServer server;

  private AdminPort(
      Generation generation,
      SessionRecords records,
      HealthState health,
      Proxy proxy,
      Supplier<ConfigurationState> state,
      Supplier<List<Instance>> instances,
      List<FeaturePages> features,
      ReloadControl reload,
      TenantChecks tenantChecks)
      throws OperatorException {
    this.records = records;
    this.health = health;
    this.proxy = proxy;
    this.state = state;
    this.instances = instances;
    this.features = features;
    this.reload = reload;
    this.tenantChecks = tenantChecks;
    AdminSpec spec =
        spec(generation, records, proxy, state, instances, features, reload, checks, tenantChecks);
    this.bind = spec.bind();
    this.server = AdminServer.start(spec, records.metrics(), health);
    proxy.alsoListeningOn(server.address());
  }

  /** Starts serving. The proxy connects no device to this address. */
  static AdminPort start(
      Generation generation,
      SessionRecords records,
      HealthState health,
      Proxy proxy,
      Supplier<ConfigurationState> state,
      Supplier<List<Instance>> instances,
      List<FeaturePages> features,
      ReloadControl reload,
      TenantChecks tenantChecks)
      throws OperatorException {
    return new AdminPort(
        generation, records, health, proxy, state, instances, features, reload, tenantChecks);
  }

  /**
   * Opens what another configuration needs.
   *
   * @param undo gets what must be closed if that configuration is not used
   * @return the action that uses it; it cannot fail
   */
  Runnable prepare(Generation next, OpenedResources undo) throws OperatorException {
    AdminSpec spec =
        spec(next, records, proxy, state, instances, features, reload, checks, tenantChecks);
    undo.add(() -> close(spec.tls()));
    if (spec.bind().equals(bind)) {
      return () -> server.replace(spec);
    }
    AdminServer moved = AdminServer.start(spec, records.metrics(), health);
    undo.add(moved::close);
    return () -> move(spec.bind(), moved);
  }

  private void move(InetSocketAddress to, AdminServer moved) {
    AdminServer before = server;
    proxy.alsoListeningOn(moved.address());
    bind = to;
    server = moved;
    before.close();
    proxy.notListeningOn(before.address());
  }

  private static void close(@Nullable AdminTls tls) {
    if (tls != null) {
      tls.close();
    }
  }

  private static AdminSpec spec(
      Generation generation,
      SessionRecords records,
      Proxy proxy,
      Supplier<ConfigurationState> state,
      Supplier<List<Instance>> instances,
      List<FeaturePages> features,
      ReloadControl reload,
      Steps checks,
      TenantChecks tenantChecks)
      throws OperatorException {
    PageSources sources =
        PagesSetup.of(
            generation.loaded(),
            records.inventory(),
            records.originOutages()::now,
            generation.authorities(),
            generation.identities(),
            proxy::sessions,
            state,
            generation.endpoints(),
            instances,
            reload,
            new AccountChanges(
                generation.config(),
                generation.signIn(),
                records::latestSignIns,
                records.refusedSignIns()),
            records.audit(),
            checks,
            tenantChecks);
    Pages pages = new Pages(sources, features);
    return AdminSetup.spec(
        generation.config().admin(),
        generation.resolved(),
        generation.authorities(),
        generation.identities(),
        AdminSetup.routes(records.inventory(), pages, sources, records.live()),
        pages,
        records.audit());
  }

  InetSocketAddress address() {
    return server.address();
  }

  @Override
  public void close() {
    server.close();
  }
}
