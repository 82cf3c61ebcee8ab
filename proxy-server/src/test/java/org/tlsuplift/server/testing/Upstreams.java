package org.tlsuplift.server.testing;

import java.time.Duration;
import org.tlsuplift.proxy.accept.Transport;
import org.tlsuplift.proxy.model.TlsVersion;
import org.tlsuplift.proxy.route.Egress;
import org.tlsuplift.proxy.route.PrivateAddresses;
import org.tlsuplift.proxy.tls.OriginTrust;
import org.tlsuplift.proxy.upstream.dial.RevocationMode;
import org.tlsuplift.proxy.upstream.dial.SourceAddresses;
import org.tlsuplift.proxy.upstream.dial.UpstreamSpec;
import org.tlsuplift.server.https.Outgoing;

/** How a test reaches an origin on loopback. */
public final class Upstreams {
  private static final Duration TIMEOUT = Duration.ofSeconds(5);

  private Upstreams() {}

  /** Direct connections of the program to servers that these roots verify. */
  public static Outgoing outgoing(OriginTrust trust) {
    return new Outgoing(
        Transport.NIO, direct(), trust, TlsVersion.TLS_1_3, server -> Egress.DIRECT);
  }

  /** Without a proxy, and with five seconds for each step. */
  public static UpstreamSpec direct() {
    return new UpstreamSpec(
        TIMEOUT,
        TIMEOUT,
        TIMEOUT,
        UpstreamSpec.REPLY_TIMEOUT,
        SourceAddresses.ANY,
        Egress.DIRECT,
        RevocationMode.STAPLED,
        PrivateAddresses.WHERE_NAMED,
        0,
        true);
  }
}
