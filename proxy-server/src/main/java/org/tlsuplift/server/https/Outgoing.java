package org.tlsuplift.server.https;

import java.util.function.Function;
import org.tlsuplift.proxy.accept.Transport;
import org.tlsuplift.proxy.model.HostPort;
import org.tlsuplift.proxy.model.TlsVersion;
import org.tlsuplift.proxy.route.Egress;
import org.tlsuplift.proxy.tls.OriginTrust;
import org.tlsuplift.proxy.upstream.dial.UpstreamSpec;

/**
 * How connections of the program itself leave: like those to origins.
 *
 * @param maximum the highest version of TLS
 * @param exits the egress for a server
 */
public record Outgoing(
    Transport transport,
    UpstreamSpec spec,
    OriginTrust trust,
    TlsVersion maximum,
    Function<HostPort, Egress> exits) {
  /** A copy in which all connections leave in one way. */
  public Outgoing through(Egress egress) {
    return new Outgoing(transport, spec, trust, maximum, server -> egress);
  }
}
