package org.tlsuplift.proxy.setup;

import io.netty.channel.Channel;
import io.netty.util.concurrent.Future;
import org.tlsuplift.proxy.context.SessionReport;
import org.tlsuplift.proxy.upstream.dial.OriginConnection;

/**
 * Joins a device that never encrypts, where its listener allows that, with an origin that is under
 * TLS already.
 */
public final class PlaintextSetup implements PassThroughSetup {
  private final SessionReport report;
  private final Callbacks callbacks;
  private final Future<OriginConnection> origin;
  private boolean abandoned;

  public PlaintextSetup(
      Channel device, SessionReport report, Future<OriginConnection> origin, Callbacks callbacks) {
    this.report = report;
    this.callbacks = callbacks;
    this.origin = origin;
    Setup.hold(device);
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
