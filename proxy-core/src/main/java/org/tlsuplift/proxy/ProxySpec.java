package org.tlsuplift.proxy;

import java.util.List;
import java.util.Set;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;
import org.tlsuplift.proxy.accept.Transport;
import org.tlsuplift.proxy.context.CertificateSources;
import org.tlsuplift.proxy.context.DeviceAdmission;
import org.tlsuplift.proxy.context.EcRefusals;
import org.tlsuplift.proxy.context.Limits;
import org.tlsuplift.proxy.context.ListenerSpec;
import org.tlsuplift.proxy.model.ProxyObserver;
import org.tlsuplift.proxy.model.TlsVersion;
import org.tlsuplift.proxy.route.Route;
import org.tlsuplift.proxy.route.RouteTable;
import org.tlsuplift.proxy.tls.OriginIdentitySource;
import org.tlsuplift.proxy.tls.OriginTrust;
import org.tlsuplift.proxy.tls.SharedTicketKeys;
import org.tlsuplift.proxy.tls.rsa.DeviceRsa;
import org.tlsuplift.proxy.upstream.dial.UpstreamSpec;

/**
 * The complete specification of a proxy.
 *
 * @param transport the system interface that polls sockets
 * @param eventLoops the number of event loop threads, at least 1
 * @param listeners at least one
 * @param admission the addresses that devices may connect from
 * @param upstream the timeouts and addresses of connections to origins
 * @param trust the roots that verify origins
 * @param maximumUpstream TLS 1.2 or TLS 1.3
 * @param identities client certificates for origins that request one; {@code routes} refer to them
 *     by name
 * @param tickets of several instances, or null if devices resume TLS sessions at this one only
 * @param rsa uses the RSA keys of devices' certificates
 * @param certificates the default for listeners without their own
 * @param ecRefusals devices that get no certificate with an EC key; the proxy adds more
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
    @Nullable SharedTicketKeys tickets,
    DeviceRsa rsa,
    CertificateSources certificates,
    EcRefusals ecRefusals,
    ProxyObserver observer) {
  /**
   * @throws IllegalArgumentException if a route refers to an unknown client certificate
   */
  public ProxySpec {
    listeners = List.copyOf(listeners);
    identities = List.copyOf(identities);
    requireKnown(routes, identities);
  }

  /** A copy of this specification with other routes. */
  ProxySpec with(RouteTable otherRoutes) {
    return new ProxySpec(
        transport,
        eventLoops,
        listeners,
        admission,
        limits,
        otherRoutes,
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

  private static void requireKnown(RouteTable routes, List<OriginIdentitySource> identities) {
    Set<String> known =
        identities.stream().map(OriginIdentitySource::name).collect(Collectors.toSet());
    for (Route route : routes.routes()) {
      if (route.clientCertificate() != null && !known.contains(route.clientCertificate())) {
        throw new IllegalArgumentException(
            "a route has client certificate '%s'; expected one of %s"
                .formatted(route.clientCertificate(), known));
      }
    }
  }
}
