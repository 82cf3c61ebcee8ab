package org.tlsuplift.server.notify;

import java.util.function.Function;
import org.tlsuplift.proxy.accept.Transport;
import org.tlsuplift.proxy.model.HostPort;
import org.tlsuplift.proxy.model.TlsVersion;
import org.tlsuplift.proxy.route.Egress;
import org.tlsuplift.proxy.tls.OriginTrust;
import org.tlsuplift.proxy.tls.TlsContexts;
import org.tlsuplift.proxy.upstream.dial.UpstreamSpec;

/**
 * How connections leave: like those to origins.
 *
 * @param exits the egress for a server
 */
public record Outgoing(
    Transport transport,
    UpstreamSpec spec,
    OriginTrust trust,
    TlsVersion maximum,
    Function<HostPort, Egress> exits) {
  TlsContexts contexts() {
    return new TlsContexts(trust, maximum);
  }
}
