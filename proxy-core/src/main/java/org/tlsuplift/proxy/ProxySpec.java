package org.tlsuplift.proxy;

import java.util.List;
import java.util.Set;
import java.util.stream.Collectors;
import org.tlsuplift.proxy.accept.Transport;
import org.tlsuplift.proxy.context.CertificateSources;
import org.tlsuplift.proxy.context.DeviceAdmission;
import org.tlsuplift.proxy.context.Limits;
import org.tlsuplift.proxy.context.ListenerSpec;
import org.tlsuplift.proxy.model.ProxyObserver;
import org.tlsuplift.proxy.model.TlsVersion;
import org.tlsuplift.proxy.route.Route;
import org.tlsuplift.proxy.route.RouteTable;
import org.tlsuplift.proxy.tls.OriginIdentitySource;
import org.tlsuplift.proxy.tls.OriginTrust;
import org.tlsuplift.proxy.upstream.dial.UpstreamSpec;

/**
 * Everything that the daemon passes to the proxy.
 *
 * @param transport how sockets are polled
 * @param eventLoops how many threads move bytes, at least 1
 * @param listeners the ports to open, at least one
 * @param admission where devices may come from
 * @param limits how much and how long
 * @param routes where devices may go
 * @param upstream how long origins may take
 * @param trust the roots that origins are verified against
 * @param maximumUpstream TLS 1.2 or TLS 1.3
 * @param identities client certificates for origins that request one, under the names that {@code
 *     routes} use
 * @param certificates for devices; a listener may have its own
 * @param observer observes every session
 */
public record ProxySpec(
    Transport transport,
    int eventLoops,
    List<ListenerSpec> listeners,
    DeviceAdmission admission,
    Limits limits,
    RouteTable routes,
    UpstreamSpec upstream,
    OriginTrust trust,
    TlsVersion maximumUpstream,
    List<OriginIdentitySource> identities,
    CertificateSources certificates,
    ProxyObserver observer) {
  /** Copies the lists, and refuses routes with an unknown client certificate. */
  public ProxySpec {
    listeners = List.copyOf(listeners);
    identities = List.copyOf(identities);
    Set<String> known =
        identities.stream().map(OriginIdentitySource::name).collect(Collectors.toSet());
    for (Route route : routes.routes()) {
      if (route.clientCertificate() != null && !known.contains(route.clientCertificate())) {
        throw new IllegalArgumentException(
            "a route presents '" + route.clientCertificate() + "', which is not among " + known);
      }
    }
  }
}
