package org.tlsuplift.server.daemon;

import java.net.InetSocketAddress;
import java.util.List;
import org.jspecify.annotations.Nullable;
import org.tlsuplift.proxy.Proxy;
import org.tlsuplift.proxy.outcome.OperatorException;
import org.tlsuplift.server.console.FeaturePages;
import org.tlsuplift.server.http.AdminServer;
import org.tlsuplift.server.http.AdminSpec;
import org.tlsuplift.server.http.AdminTls;
import org.tlsuplift.server.http.HealthState;
import org.tlsuplift.server.process.OpenedResources;

/** The admin server of the current configuration. It moves if the address changes. */
final class AdminPort implements AutoCloseable {
  private final SessionRecords records;
  private final HealthState health;
  private final Proxy proxy;
  private final PagesSetup pages;
  private final List<FeaturePages> features;
  private volatile InetSocketAddress bind;
  private volatile AdminServer server;

  private AdminPort(
      Generation generation,
      SessionRecords records,
      HealthState health,
      Proxy proxy,
      PagesSetup pages,
      List<FeaturePages> features)
      throws OperatorException {
    this.records = records;
    this.health = health;
    this.proxy = proxy;
    this.pages = pages;
    this.features = features;
    AdminSpec spec = spec(generation, records, pages, features);
    this.bind = spec.bind();
    this.server = AdminServer.start(spec, records.metrics(), health);
    proxy.alsoListeningOn(server.address());
  }

  /**
   * Starts serving. The proxy connects no device to this address.
   *
   * @param features have pages of their own
   */
  static AdminPort start(
      Generation generation,
      SessionRecords records,
      HealthState health,
      Proxy proxy,
      PagesSetup pages,
      List<FeaturePages> features)
      throws OperatorException {
    return new AdminPort(generation, records, health, proxy, pages, features);
  }

  /**
   * Opens what another configuration needs.
   *
   * @param undo gets what must be closed if that configuration is not used
   * @return the action that uses it; it cannot fail
   */
  Runnable prepare(Generation next, OpenedResources undo) throws OperatorException {
    AdminSpec spec = spec(next, records, pages, features);
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
      Generation generation, SessionRecords records, PagesSetup pages, List<FeaturePages> features)
      throws OperatorException {
    return AdminSetup.spec(generation, pages.of(generation, features), records.audit());
  }

  InetSocketAddress address() {
    return server.address();
  }

  @Override
  public void close() {
    server.close();
  }
}
