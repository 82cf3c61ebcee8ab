package org.tlsuplift.server.mapping;

import java.net.InetSocketAddress;
import java.util.List;
import java.util.Set;
import java.util.function.UnaryOperator;
import org.jspecify.annotations.Nullable;
import org.tlsuplift.proxy.ProxySpec;
import org.tlsuplift.proxy.accept.Transport;
import org.tlsuplift.proxy.context.CertificateSources;
import org.tlsuplift.proxy.context.DeviceAdmission;
import org.tlsuplift.proxy.context.EcRefusals;
import org.tlsuplift.proxy.context.Limits;
import org.tlsuplift.proxy.context.ListenerSpec;
import org.tlsuplift.proxy.model.HostPort;
import org.tlsuplift.proxy.model.ProxyObserver;
import org.tlsuplift.proxy.model.TlsVersion;
import org.tlsuplift.proxy.route.Egress;
import org.tlsuplift.proxy.route.RouteTable;
import org.tlsuplift.proxy.signin.SignIn;
import org.tlsuplift.proxy.tls.OriginIdentitySource;
import org.tlsuplift.proxy.tls.OriginTrust;
import org.tlsuplift.proxy.tls.SharedTicketKeys;
import org.tlsuplift.proxy.tls.rsa.DeviceRsa;
import org.tlsuplift.proxy.upstream.dial.UpstreamSpec;
import org.tlsuplift.server.https.Outgoing;
import org.tlsuplift.server.microsoft365.PublishedList;

/**
 * A configuration in the proxy's types, for this machine.
 *
 * @param published the list of Microsoft 365 that the routes were made of
 * @param table the routes in use; a newer list replaces them, for all copies of this record
 * @param maximumUpstream TLS 1.2 or TLS 1.3
 * @param admin the address of the admin port
 */
public record ResolvedConfig(
    Transport transport,
    List<ListenerSpec> listeners,
    DeviceAdmission admission,
    Limits limits,
    PublishedList published,
    CurrentRoutes table,
    UpstreamSpec upstream,
    OriginTrust trust,
    TlsVersion maximumUpstream,
    InetSocketAddress admin) {
  /** Routes that can be replaced. Thread-safe. */
  public static final class CurrentRoutes {
    private volatile RouteTable routes;

    CurrentRoutes(RouteTable routes) {
      this.routes = routes;
    }

    public void replace(RouteTable next) {
      routes = next;
    }
  }

  public ResolvedConfig {
    listeners = List.copyOf(listeners);
  }

  /** The routes in use now. */
  public RouteTable routes() {
    return table.routes;
  }

  /** How connections to an origin leave: as its route or, without one, all others do. */
  public Egress egress(HostPort origin) {
    return routes().egress(origin).orElse(upstream.egress());
  }

  /** How connections of the program itself leave. */
  public Outgoing outgoing() {
    return new Outgoing(transport, upstream, trust, maximumUpstream, this::egress);
  }

  /** A copy without the listeners of these names. */
  public ResolvedConfig without(Set<String> names) {
    return with(
        listeners.stream().filter(listener -> !names.contains(listener.name())).toList(), limits);
  }

  public ResolvedConfig limitedTo(int sessions) {
    return with(listeners, limits.atMost(sessions));
  }

  /** A copy for a daemon that uses this transport. */
  public ResolvedConfig on(Transport running) {
    return with(running, listeners, limits);
  }

  /** A copy with sign-in on the listeners of these names. */
  public ResolvedConfig signingIn(Set<String> names, SignIn by) {
    return with(
        listener ->
            names.contains(listener.name())
                ? listener.with(listener.mail().signingIn(by))
                : listener);
  }

  /** A copy whose listeners are these, in the same order. */
  public ResolvedConfig with(UnaryOperator<ListenerSpec> listener) {
    return with(listeners.stream().map(listener).toList(), limits);
  }

  private ResolvedConfig with(List<ListenerSpec> others, Limits bounds) {
    return with(transport, others, bounds);
  }

  private ResolvedConfig with(Transport running, List<ListenerSpec> others, Limits bounds) {
    return new ResolvedConfig(
        running,
        others,
        admission,
        bounds,
        published,
        table,
        upstream,
        trust,
        maximumUpstream,
        admin);
  }

  /**
   * The specification for the proxy, with one event loop for each CPU.
   *
   * @param tickets null if devices resume TLS sessions at this instance only
   * @param rsa uses the RSA keys of devices' certificates
   */
  public ProxySpec proxySpec(
      List<OriginIdentitySource> identities,
      @Nullable SharedTicketKeys tickets,
      DeviceRsa rsa,
      CertificateSources certificates,
      EcRefusals ecRefusals,
      ProxyObserver observer) {
    return new ProxySpec(
        transport,
        Runtime.getRuntime().availableProcessors(),
        listeners,
        admission,
        limits,
        routes(),
        upstream,
        trust,
        maximumUpstream,
        identities,
        tickets,
        rsa,
        certificates,
        ecRefusals,
        observer);
  }
}
