package org.tlsuplift.server.testing;

import java.time.Duration;
import org.tlsuplift.proxy.route.Egress;
import org.tlsuplift.proxy.route.PrivateAddresses;
import org.tlsuplift.proxy.upstream.dial.RevocationMode;
import org.tlsuplift.proxy.upstream.dial.SourceAddresses;
import org.tlsuplift.proxy.upstream.dial.UpstreamSpec;

/** How a test reaches an origin on loopback. */
public final class Upstreams {
  private static final Duration TIMEOUT = Duration.ofSeconds(5);

  private Upstreams() {}

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
        0);
  }
}
