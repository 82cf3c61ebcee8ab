package org.tlsuplift.proxy.setup;

import io.netty.channel.Channel;
import io.netty.util.concurrent.Future;
import org.jspecify.annotations.Nullable;
import org.tlsuplift.proxy.context.PipelineNames;
import org.tlsuplift.proxy.context.SessionContext;
import org.tlsuplift.proxy.context.SessionReport;
import org.tlsuplift.proxy.model.ClientHello;
import org.tlsuplift.proxy.model.Explanation;
import org.tlsuplift.proxy.model.TlsParameters;
import org.tlsuplift.proxy.model.TlsVersion;
import org.tlsuplift.proxy.outcome.CloseReason;
import org.tlsuplift.proxy.tls.hello.SecondHelloGuard;
import org.tlsuplift.proxy.tls.hello.ServerHelloGuard;
import org.tlsuplift.proxy.tls.hello.TlsRecordGuard;
import org.tlsuplift.proxy.upstream.dial.OriginConnection;
import org.tlsuplift.proxy.upstream.dial.UpstreamInitializer;

/**
 * Waits for the origin of a tunnel, and adds the handlers that block legacy TLS and plaintext in
 * the tunnel.
 */
public final class TunnelSetup implements Setup, ServerHelloGuard.Callbacks {
  private final Channel device;
  private final ClientHello hello;
  private final SessionReport report;
  private final Callbacks callbacks;
  private final Future<OriginConnection> dial;
  private final @Nullable SecondHelloGuard secondHello;
  private boolean abandoned;

  /**
   * Creates the setup of a tunnel.
   *
   * @param hello the ClientHello that the route decision used, and the first bytes of the tunnel
   */
  public TunnelSetup(
      SessionContext context,
      ClientHello hello,
      Future<OriginConnection> dial,
      Callbacks callbacks) {
    this.device = context.device();
    this.hello = hello;
    this.report = context.report();
    this.callbacks = callbacks;
    this.dial = dial;
    // Only TLS 1.3 has a second ClientHello (RFC 8446 section 4.1.2).
    this.secondHello =
        hello.versions().contains(TlsVersion.TLS_1_3)
            ? new SecondHelloGuard(hello, this::otherHello)
            : null;
    Setup.hold(device);
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
      callbacks.originFailed(dial.cause(), false);
      return;
    }
    OriginConnection origin = dial.getNow();
    origin
        .channel()
        .pipeline()
        .addBefore(UpstreamInitializer.HOLD, UpstreamInitializer.GUARD, new ServerHelloGuard(this))
        .addBefore(
            UpstreamInitializer.HOLD,
            UpstreamInitializer.RECORDS,
            TlsRecordGuard.ofRecords(this::plaintextOfOrigin));
    device
        .pipeline()
        .addAfter(
            PipelineNames.HOLD,
            PipelineNames.RECORDS,
            hello.framing() == ClientHello.Framing.SSL_2
                ? TlsRecordGuard.afterSsl2Hello(this::plaintextOfDevice)
                : TlsRecordGuard.ofRecords(this::plaintextOfDevice));
    if (secondHello != null) {
      device.pipeline().addAfter(PipelineNames.RECORDS, PipelineNames.SECOND_HELLO, secondHello);
    }
    callbacks.opened(origin);
  }

  @Override
  public void belowFloor(TlsVersion version) {
    callbacks.ended(
        CloseReason.ORIGIN_BELOW_FLOOR,
        Explanation.of("the origin chose " + version + " in a tunnel"));
  }

  @Override
  public void unreadable(String why) {
    callbacks.ended(CloseReason.ORIGIN_BELOW_FLOOR, Explanation.of(why));
  }

  @Override
  public void notTls() {
    callbacks.ended(
        CloseReason.ORIGIN_HANDSHAKE_FAILED,
        Explanation.of(
            "the origin does not reply with TLS, but a tunnel carries only TLS",
            "check the origin's port"));
  }

  private void otherHello() {
    callbacks.ended(
        CloseReason.SERVER_NAME_MISMATCH,
        Explanation.of(
            "the device sent a second ClientHello for another host, or an unrequested one",
            "update the device, or look for an attempt to bypass the routes"));
  }

  private void plaintextOfOrigin() {
    callbacks.ended(
        CloseReason.ORIGIN_PROTOCOL_ERROR,
        Explanation.of("the origin sent bytes other than TLS in the tunnel"));
  }

  private void plaintextOfDevice() {
    callbacks.ended(
        CloseReason.NOT_TLS, Explanation.of("the device sent bytes other than TLS in the tunnel"));
  }

  @Override
  public void agreed(TlsParameters parameters, boolean again) {
    if (again && secondHello != null) {
      secondHello.expectSecond();
    } else if (secondHello != null && device.pipeline().context(secondHello) != null) {
      device.pipeline().remove(secondHello);
    }
    report.tunnelAgreed(parameters);
  }

  @Override
  public void abandon() {
    abandoned = true;
    Setup.drop(dial);
  }
}
