package org.tlsuplift.proxy.setup;

import io.netty.util.concurrent.Future;
import org.tlsuplift.proxy.context.SessionContext;
import org.tlsuplift.proxy.context.SessionReport;
import org.tlsuplift.proxy.upstream.dial.OriginConnection;

/**
 * Waits for the TLS origin of a mail device that stays in plaintext. Only a listener that allows
 * plaintext uses it.
 */
public final class PlaintextSetup implements Setup {
  private final SessionReport report;
  private final Callbacks callbacks;
  private final Future<OriginConnection> origin;
  private boolean abandoned;

  public PlaintextSetup(
      SessionContext context, Future<OriginConnection> origin, Callbacks callbacks) {
    this.report = context.report();
    this.callbacks = callbacks;
    this.origin = origin;
    Setup.hold(context.device());
  }

  @Override
  public void start() {
    origin.addListener(done -> onOrigin());
  }

  private void onOrigin() {
    if (abandoned) {
      return;
    }
    if (origin.isSuccess()) {
      report.originHandshake(origin.getNow().handshake());
      callbacks.opened(origin.getNow());
    } else {
      callbacks.originFailed(origin.cause(), true);
    }
  }

  @Override
  public void abandon() {
    abandoned = true;
    Setup.drop(origin);
  }
}
