package org.tlsuplift.proxy.upstream.mail;

import io.netty.util.concurrent.Future;
import java.util.List;
import org.tlsuplift.proxy.upstream.dial.OriginUnavailableException;

/**
 * A mail origin on the way to the relay, while its device still uses plaintext.
 *
 * <p>In plaintext the proxy sends only the questions for capabilities and TLS. A failure fails all
 * futures that are not done, with an {@link OriginUnavailableException}, and closes the channel.
 * Lives on the session's event loop.
 */
public sealed interface MailOrigin permits PlainMailOrigin, TlsMailOrigin, DeferredMailOrigin {
  Future<List<String>> capabilities();

  /** Done when the device may begin TLS. */
  Future<?> ready();

  void close();
}
