package org.tlsuplift.proxy.upstream.mail;

import io.netty.util.concurrent.Future;
import java.util.List;
import org.tlsuplift.proxy.upstream.dial.OriginUnavailableException;

/**
 * A mail origin on the way to the relay, while its device still talks in plaintext.
 *
 * <p>In plaintext nothing is said to an origin but: what can you do, and begin TLS. What fails,
 * fails all futures that are not done, with an {@link OriginUnavailableException}, and closes the
 * channel. Lives on the session's event loop.
 */
public sealed interface MailOrigin permits PlainMailOrigin, TlsMailOrigin, DeferredMailOrigin {
  /** What the origin can do, in its own words. */
  Future<List<String>> capabilities();

  /** Done when the device may begin TLS. */
  Future<?> ready();

  /** Gives up, and closes what was opened. */
  void close();
}
