package org.tlsuplift.server.daemon;

import java.net.InetSocketAddress;
import java.util.List;
import java.util.Set;
import org.tlsuplift.proxy.ProxySpec;
import org.tlsuplift.proxy.accept.Transport;
import org.tlsuplift.proxy.context.CertificateSources;
import org.tlsuplift.proxy.context.DeviceAdmission;
import org.tlsuplift.proxy.context.Limits;
import org.tlsuplift.proxy.context.ListenerSpec;
import org.tlsuplift.proxy.model.ProxyObserver;
import org.tlsuplift.proxy.model.TlsVersion;
import org.tlsuplift.proxy.route.RouteTable;
import org.tlsuplift.proxy.signin.SignIn;
import org.tlsuplift.proxy.tls.OriginIdentitySource;
import org.tlsuplift.proxy.tls.OriginTrust;
import org.tlsuplift.proxy.upstream.dial.UpstreamSpec;

/**
 * A configuration in the proxy's types, for this machine.
 *
 * @param maximumUpstream TLS 1.2 or TLS 1.3
 * @param admin the address of the admin port
 */
public record ResolvedConfig(
    Transport transport,
    List<ListenerSpec> listeners,
    DeviceAdmission admission,
    Limits limits,
    RouteTable routes,
    UpstreamSpec upstream,
    OriginTrust trust,
    TlsVersion maximumUpstream,
    InetSocketAddress admin) {
  public ResolvedConfig {
    listeners = List.copyOf(listeners);
  }

  /** A copy without the listeners of these names. */
  ResolvedConfig without(Set<String> names) {
    return with(
        listeners.stream().filter(listener -> !names.contains(listener.name())).toList(), limits);
  }

  ResolvedConfig limitedTo(int sessions) {
    return with(listeners, limits.atMost(sessions));
  }

  /** A copy with sign-in on the listeners of these names. */
  ResolvedConfig signingIn(Set<String> names, SignIn by) {
    return with(
        listeners.stream()
            .map(listener -> names.contains(listener.name()) ? listener.signingIn(by) : listener)
            .toList(),
        limits);
  }

  private ResolvedConfig with(List<ListenerSpec> others, Limits bounds) {
    return new ResolvedConfig(
        transport, others, admission, bounds, routes, upstream, trust, maximumUpstream, admin);
  }

  /** The specification for the proxy, with one event loop for each CPU. */
  ProxySpec proxySpec(
      List<OriginIdentitySource> identities,
      CertificateSources certificates,
      ProxyObserver observer) {
    return new ProxySpec(
        transport,
        Runtime.getRuntime().availableProcessors(),
        listeners,
        admission,
        limits,
        routes,
        upstream,
        trust,
        maximumUpstream,
        identities,
        certificates,
        observer);
  }
}
