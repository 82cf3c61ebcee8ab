package org.tlsuplift.proxy.listener;

import io.netty.channel.Channel;
import io.netty.util.concurrent.Future;
import org.tlsuplift.proxy.session.CloseReason;
import org.tlsuplift.proxy.session.TlsParameters;
import org.tlsuplift.proxy.session.TlsVersion;
import org.tlsuplift.proxy.tls.ServerHelloGuard;
import org.tlsuplift.proxy.tls.ServerHelloListener;
import org.tlsuplift.proxy.upstream.OriginConnection;
import org.tlsuplift.proxy.upstream.UpstreamInitializer;

/**
 * Dials an origin for a tunnel and posts the guard that keeps legacy TLS from leaving through it.
 */
final class TunnelOpening implements UnterminatedOpening, ServerHelloListener {
  private final SessionReport report;
  private final Listener listener;
  private final Future<OriginConnection> dial;
  private boolean abandoned;

  TunnelOpening(
      Channel device, SessionReport report, Future<OriginConnection> dial, Listener listener) {
    this.report = report;
    this.listener = listener;
    this.dial = dial;
    Opening.hold(device);
  }

  @Override
  public void start() {
    dial.addListener(done -> onOrigin());
  }

  private void onOrigin() {
    if (abandoned) {
      return;
    }
    if (!dial.isSuccess()) {
      listener.originFailed(dial.cause(), false);
      return;
    }
    OriginConnection origin = dial.getNow();
    origin
        .channel()
        .pipeline()
        .addBefore(UpstreamInitializer.HOLD, UpstreamInitializer.GUARD, new ServerHelloGuard(this));
    listener.opened(origin);
  }

  @Override
  public void belowFloor(TlsVersion version) {
    listener.ended(
        CloseReason.ORIGIN_BELOW_FLOOR,
        "the origin chose " + version + " in a tunnel; nothing below TLSv1.2 leaves here");
  }

  @Override
  public void unreadable(String why) {
    listener.ended(CloseReason.ORIGIN_BELOW_FLOOR, why);
  }

  @Override
  public void agreed(TlsParameters parameters) {
    report.tunnelAgreed(parameters);
  }

  @Override
  public void abandon() {
    abandoned = true;
    Opening.drop(dial);
  }
}
