package org.tlsuplift.proxy.setup;

import io.netty.channel.Channel;
import io.netty.channel.ChannelOption;
import io.netty.handler.ssl.SslHandler;
import io.netty.handler.ssl.SslHandshakeCompletionEvent;
import io.netty.util.concurrent.Future;
import java.time.Duration;
import java.util.List;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;
import org.tlsuplift.proxy.context.PipelineNames;
import org.tlsuplift.proxy.context.SessionContext;
import org.tlsuplift.proxy.context.SessionReport;
import org.tlsuplift.proxy.model.DeviceHandshake;
import org.tlsuplift.proxy.model.Explanation;
import org.tlsuplift.proxy.model.LeafKey;
import org.tlsuplift.proxy.model.OriginHandshake;
import org.tlsuplift.proxy.model.TlsParameters;
import org.tlsuplift.proxy.model.UnhandledVariantException;
import org.tlsuplift.proxy.outcome.CloseReason;
import org.tlsuplift.proxy.outcome.HandshakeOutcome;
import org.tlsuplift.proxy.relay.HoldingHandler;
import org.tlsuplift.proxy.relay.QuickAck;
import org.tlsuplift.proxy.tls.AgreedParameters;
import org.tlsuplift.proxy.tls.CertificateSource;
import org.tlsuplift.proxy.tls.EngineWatch;
import org.tlsuplift.proxy.tls.Leaf;
import org.tlsuplift.proxy.tls.failure.DeviceFailures;
import org.tlsuplift.proxy.tls.hello.AlertTap;
import org.tlsuplift.proxy.tls.profile.TlsPolicy;
import org.tlsuplift.proxy.upstream.dial.OriginConnection;

/**
 * Terminates TLS of the device while the origin is dialled with TLS.
 *
 * <p>The device waits for the origin in two cases: it offered ALPN and must get the protocol that
 * the origin chooses, or its certificate needs names from the origin's certificate.
 */
public final class BridgeSetup implements Setup {
  /**
   * The decisions that are made before the handshakes.
   *
   * @param policy the TLS versions and cipher suites for the device
   * @param key of the certificate for the device, or null if there is no choice
   * @param leaf the names of the certificate for the device
   * @param protocols the ALPN names that the origin may choose from, all offered by the device
   * @param explains whether the session can send the device the origin's failure inside TLS
   */
  public record Plan(
      TlsPolicy policy,
      @Nullable LeafKey key,
      LeafNameSource leaf,
      List<String> protocols,
      boolean explains) {}

  /** The progress on the device side. The future of the dial is the progress on the origin side. */
  private sealed interface DeviceSide {
    /** A step in progress. Its end is an event. */
    sealed interface Pending extends DeviceSide {}

    /** The certificate is being issued. */
    record AwaitingLeaf() implements Pending {}

    /** The certificate is issued. If ALPN is in use, the origin must choose a protocol first. */
    record LeafReady(Leaf leaf) implements DeviceSide {}

    /** The handshake is running. */
    record Handshaking(AlertTap tap, long startedNanos) implements Pending {}

    /** The handshake is complete. */
    record Ready() implements DeviceSide {}
  }

  private final SessionContext context;
  private final Channel device;
  private final SessionReport report;
  private final Callbacks callbacks;
  private final Plan plan;
  private final Future<OriginConnection> dial;
  private DeviceSide side = new DeviceSide.AwaitingLeaf();

  /** Set in {@link #onOrigin}, which may run later than the end of the dial. */
  private boolean dialled;

  private boolean abandoned;

  /**
   * Creates the setup and dials the origin at once.
   *
   * @param dial dials the origin and offers the given ALPN names
   */
  public BridgeSetup(
      SessionContext context,
      Plan plan,
      Function<List<String>, Future<OriginConnection>> dial,
      Callbacks callbacks) {
    this.context = context;
    this.device = context.device();
    this.report = context.report();
    this.callbacks = callbacks;
    this.plan = plan;
    this.dial = dial.apply(plan.protocols());
  }

  @Override
  public void start() {
    dial.addListener(done -> onOrigin());
    List<String> names = plan.leaf().known();
    if (names != null) {
      mint(names);
    }
  }

  private void mint(List<String> names) {
    CertificateSource certificates = context.services().certificates().of(context.spec());
    (plan.key() == LeafKey.EC ? certificates.ecLeafFor(names) : certificates.leafFor(names))
        .whenComplete((leaf, failure) -> onLoop(() -> onLeaf(leaf, failure)));
  }

  private void mintAsOf(OriginConnection origin) {
    List<String> names = plan.leaf().namesAsOf(origin.names());
    if (names.isEmpty()) {
      unavailable(plan.leaf().none(origin.names()));
    } else {
      mint(names);
    }
  }

  private void unavailable(Explanation why) {
    callbacks.refused(
        hasOperatorCertificate() ? LingeringClose.UNRECOGNIZED_NAME : LingeringClose.INTERNAL_ERROR,
        CloseReason.CERTIFICATE_UNAVAILABLE,
        why);
  }

  private boolean hasOperatorCertificate() {
    return !operatorNames().isEmpty();
  }

  private List<String> operatorNames() {
    return context.services().certificates().of(context.spec()).ownNames();
  }

  private void onLeaf(@Nullable Leaf leaf, @Nullable Throwable failure) {
    if (abandoned) {
      return;
    }
    if (leaf == null) {
      String cause = failure == null ? "" : String.valueOf(failure.getMessage());
      unavailable(
          hasOperatorCertificate()
              ? new Explanation(
                  cause,
                  "set one of its names in the device, or get a certificate with this name",
                  "its names are " + String.join(", ", operatorNames()))
              : Explanation.of(cause));
      return;
    }
    side = new DeviceSide.LeafReady(leaf);
    advance();
  }

  private void onOrigin() {
    if (abandoned) {
      return;
    }
    boolean answerable = plan.leaf().known() != null && !isDeviceReady();
    if (!dial.isSuccess() && !(plan.explains() && answerable)) {
      callbacks.originFailed(dial.cause(), isHandshaking() || isDeviceReady());
      return;
    }
    dialled = true;
    if (dial.isSuccess()) {
      report.originHandshake(dial.getNow().handshake());
      if (plan.leaf().known() == null) {
        mintAsOf(dial.getNow());
      }
    }
    advance();
  }

  /** Continues with the next step if both sides have what it needs. */
  private void advance() {
    if (side instanceof DeviceSide.LeafReady ready) {
      if (dialled || plan.protocols().isEmpty()) {
        answerDevice(ready.leaf(), dialled ? protocol() : null);
      }
    } else if (side instanceof DeviceSide.Ready) {
      if (dialled && dial.isSuccess()) {
        callbacks.opened(dial.getNow());
      } else if (dialled) {
        callbacks.originFailed(dial.cause(), true);
      }
    } else if (!(side instanceof DeviceSide.Pending)) {
      throw new UnhandledVariantException(side);
    }
  }

  /** The ALPN name that the origin chose, or null. */
  private @Nullable String protocol() {
    OriginHandshake handshake = dial.isSuccess() ? dial.getNow().handshake() : null;
    TlsParameters agreed = handshake == null ? null : handshake.agreed();
    return agreed == null || plan.protocols().isEmpty() ? null : agreed.applicationProtocol();
  }

  private void answerDevice(Leaf leaf, @Nullable String protocol) {
    AlertTap tap = new AlertTap();
    SslHandler tls =
        context
            .services()
            .contexts()
            .terminate(
                device.alloc(),
                plan.policy(),
                protocol,
                leaf,
                context.services().limits().handshakeTimeout());
    side = new DeviceSide.Handshaking(tap, System.nanoTime());
    report.trustRemedy(HandshakeExplanation.trust(context));
    device
        .pipeline()
        .addAfter(PipelineNames.HELLO, PipelineNames.TAP, tap)
        .addAfter(PipelineNames.TAP, PipelineNames.ACK, QuickAck.of(device))
        .addAfter(PipelineNames.ACK, PipelineNames.TLS, tls)
        .addAfter(PipelineNames.TLS, PipelineNames.HOLD, new HoldingHandler())
        .remove(PipelineNames.HELLO);
  }

  @Override
  public void onDeviceHandshake(SslHandshakeCompletionEvent event) {
    if (!(side instanceof DeviceSide.Handshaking handshaking)) {
      throw new IllegalStateException("no handshake with the device is running");
    }
    if (!event.isSuccess()) {
      DeviceFailures failure = DeviceFailures.of(event.cause(), handshaking.tap());
      Explanation why = HandshakeExplanation.of(failure, plan.policy().engine(), context);
      report(handshaking, failure.outcome(), null, why.text());
      callbacks.ended(CloseReason.DEVICE_HANDSHAKE_FAILED, why);
      return;
    }
    device.pipeline().remove(PipelineNames.TAP);
    device.pipeline().remove(PipelineNames.ACK);
    EngineWatch.add(device.pipeline(), PipelineNames.TLS_WATCH, true);
    // Not earlier: during the handshake, the end of the input must end the handshake.
    device.config().setOption(ChannelOption.ALLOW_HALF_CLOSURE, true);
    TlsParameters agreed = AgreedParameters.of(device.pipeline().get(SslHandler.class));
    report(handshaking, HandshakeOutcome.COMPLETED, agreed, "");
    side = new DeviceSide.Ready();
    advance();
  }

  @Override
  public boolean isHandshaking() {
    return side instanceof DeviceSide.Handshaking;
  }

  @Override
  public boolean isDeviceReady() {
    return side instanceof DeviceSide.Ready;
  }

  @Override
  public void abandon() {
    abandoned = true;
    Setup.drop(dial);
    if (side instanceof DeviceSide.Handshaking handshaking && !report.hasDeviceHandshake()) {
      String detail = "the session ended during the handshake";
      report(handshaking, HandshakeOutcome.ABANDONED, null, detail);
    }
  }

  private void report(
      DeviceSide.Handshaking handshaking,
      HandshakeOutcome outcome,
      @Nullable TlsParameters agreed,
      String detail) {
    Duration elapsed = Duration.ofNanos(System.nanoTime() - handshaking.startedNanos());
    report.deviceHandshake(new DeviceHandshake(outcome, agreed, elapsed, detail, plan.key()));
  }

  private void onLoop(Runnable step) {
    if (device.eventLoop().inEventLoop()) {
      step.run();
    } else {
      device.eventLoop().execute(step);
    }
  }
}
