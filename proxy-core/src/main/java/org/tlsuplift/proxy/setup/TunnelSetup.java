package org.tlsuplift.proxy.setup;

import io.netty.channel.Channel;
import io.netty.util.concurrent.Future;
import io.netty.util.concurrent.Promise;
import org.jspecify.annotations.Nullable;
import org.tlsuplift.proxy.context.PipelineNames;
import org.tlsuplift.proxy.context.SessionContext;
import org.tlsuplift.proxy.context.SessionReporter;
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
  private final SessionReporter report;
  private final Dial dial;
  private final Ending ending;
  private final Promise<Result> result;
  private final @Nullable SecondHelloGuard secondHello;
  private @Nullable Future<OriginConnection> origin;

  /**
   * Creates the setup of a tunnel.
   *
   * @param hello the ClientHello that the route decision used, and the first bytes of the tunnel
   * @param ending ends the session if device or origin sends anything but modern TLS
   */
  public TunnelSetup(SessionContext context, ClientHello hello, Dial dial, Ending ending) {
    this.device = context.device();
    this.hello = hello;
    this.report = context.report();
    this.dial = dial;
    this.ending = ending;
    this.result = device.eventLoop().newPromise();
    // Only TLS 1.3 has a second ClientHello (RFC 8446 section 4.1.2).
    this.secondHello =
        hello.versions().contains(TlsVersion.TLS_1_3)
            ? new SecondHelloGuard(hello, this::otherHello)
            : null;
  }

  @Override
  public Future<Result> start() {
    Setup.hold(device);
    Future<OriginConnection> dialled = dial.start();
    origin = dialled;
    dialled.addListener(done -> onOrigin(dialled));
    return result;
  }

  private void onOrigin(Future<OriginConnection> dialled) {
    if (result.isDone()) {
      return;
    }
    if (!dialled.isSuccess()) {
      result.setSuccess(new Result.OriginFailed(dialled.cause(), false));
      return;
    }
    dialled
        .getNow()
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
    result.setSuccess(new Result.Opened(dialled.getNow()));
  }

  @Override
  public void belowFloor(TlsVersion version) {
    ending.ended(
        CloseReason.ORIGIN_BELOW_FLOOR,
        Explanation.of("the origin chose " + version + " in a tunnel"));
  }

  @Override
  public void unreadable(String why) {
    ending.ended(CloseReason.ORIGIN_BELOW_FLOOR, Explanation.of(why));
  }

  @Override
  public void notTls() {
    ending.ended(
        CloseReason.ORIGIN_HANDSHAKE_FAILED,
        Explanation.of(
            "the origin does not reply with TLS, but a tunnel carries only TLS",
            "check the origin's port"));
  }

  private void otherHello() {
    ending.ended(
        CloseReason.SERVER_NAME_MISMATCH,
        Explanation.of(
            "the device sent a second ClientHello for another host, or an unrequested one",
            "update the device, or look for an attempt to bypass the routes"));
  }

  private void plaintextOfOrigin() {
    ending.ended(
        CloseReason.ORIGIN_PROTOCOL_ERROR,
        Explanation.of("the origin sent bytes other than TLS in the tunnel"));
  }

  private void plaintextOfDevice() {
    ending.ended(
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
    result.cancel(false);
    if (origin != null) {
      OriginConnection.drop(origin);
    }
  }
}
