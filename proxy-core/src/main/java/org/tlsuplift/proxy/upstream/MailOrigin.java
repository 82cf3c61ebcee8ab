package org.tlsuplift.proxy.upstream;

import io.netty.util.concurrent.Future;
import java.util.List;
import org.tlsuplift.proxy.route.RouteDecision;
import org.tlsuplift.proxy.upstream.dial.OriginConnection;
import org.tlsuplift.proxy.upstream.dial.OriginUnavailableException;

/**
 * A mail origin before the relay, while the device still uses plaintext.
 *
 * <p>In plaintext the proxy sends only the commands for capabilities and TLS. On a failure, the
 * channel closes, and all pending futures fail with an {@link OriginUnavailableException}. Runs on
 * the session's event loop.
 */
public sealed interface MailOrigin permits PlainMailOrigin, TlsMailOrigin, DeferredMailOrigin {
  Future<List<String>> capabilities();

  /** Done when the device may start TLS. */
  Future<?> ready();

  /**
   * Returns the connection for a device that starts TLS, after TLS with the origin has started.
   * Call it once.
   *
   * @param applicationProtocols the ALPN names to offer if TLS has not started yet
   */
  Future<OriginConnection> secured(RouteDecision.Bridge bridge, List<String> applicationProtocols);

  void close();
}
