package org.tlsuplift.proxy.listener;

import io.netty.channel.Channel;
import io.netty.util.concurrent.Future;
import org.tlsuplift.proxy.upstream.OriginConnection;

/**
 * Joins a device that never encrypts, where its listener allows that, with an origin that is under
 * TLS already.
 */
final class PlaintextOpening implements UnterminatedOpening {
  private final SessionReport report;
  private final Listener listener;
  private final Future<OriginConnection> origin;
  private boolean abandoned;

  PlaintextOpening(
      Channel device, SessionReport report, Future<OriginConnection> origin, Listener listener) {
    this.report = report;
    this.listener = listener;
    this.origin = origin;
    Opening.hold(device);
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
      listener.opened(origin.getNow());
    } else {
      listener.originFailed(origin.cause(), true);
    }
  }

  @Override
  public void abandon() {
    abandoned = true;
    Opening.drop(origin);
  }
}
