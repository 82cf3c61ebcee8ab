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
import org.tlsuplift.proxy.context.ListenerSpec;
import org.tlsuplift.proxy.context.PipelineNames;
import org.tlsuplift.proxy.context.SessionContext;
import org.tlsuplift.proxy.context.SessionReport;
import org.tlsuplift.proxy.context.SessionServices;
import org.tlsuplift.proxy.model.ClientHello;
import org.tlsuplift.proxy.model.CloseReason;
import org.tlsuplift.proxy.model.DeviceHandshake;
import org.tlsuplift.proxy.model.HandshakeOutcome;
import org.tlsuplift.proxy.model.UnhandledVariantException;
import org.tlsuplift.proxy.relay.HoldingHandler;
import org.tlsuplift.proxy.setup.BridgeState.DeviceSide;
import org.tlsuplift.proxy.setup.BridgeState.OriginSide;
import org.tlsuplift.proxy.tls.AgreedParameters;
import org.tlsuplift.proxy.tls.EngineWatch;
import org.tlsuplift.proxy.tls.Leaf;
import org.tlsuplift.proxy.tls.LegacyTls;
import org.tlsuplift.proxy.tls.TlsPolicy;
import org.tlsuplift.proxy.tls.failure.DeviceFailures;
import org.tlsuplift.proxy.tls.hello.AlertTap;
import org.tlsuplift.proxy.upstream.dial.OriginConnection;

/**
 * Terminates the TLS of the device and originates TLS to the origin at the same time.
 *
 * <p>The device waits for the origin only if it offered ALPN, because it must get the protocol that
 * the origin chose, or if the names for its certificate must come from the origin's certificate.
 */
public final class BridgeSetup implements Setup {
  /**
   * The decisions before the handshakes.
   *
   * @param policy the TLS that the device may agree to
   * @param leaf the names of the certificate for the device
   * @param protocols ALPN names that the device offers and the origin may choose from
   * @param explains whether the session can tell the device under TLS why the origin failed
   */
  public record Plan(
      TlsPolicy policy, LeafNameSource leaf, List<String> protocols, boolean explains) {}

  private final ListenerSpec spec;
  private final SessionServices services;
  private final Channel device;
  private final SessionReport report;
  private final Callbacks callbacks;
  private final Plan plan;
  private BridgeState state;
  private boolean abandoned;

  /**
   * Dials at once.
   *
   * @param dial dials the origin and offers it these ALPN names
   */
  public BridgeSetup(
      SessionContext context,
      Plan plan,
      Function<List<String>, Future<OriginConnection>> dial,
      Callbacks callbacks) {
    this.spec = context.spec();
    this.services = context.services();
    this.device = context.device();
    this.report = context.report();
    this.callbacks = callbacks;
    this.plan = plan;
    this.state =
        new BridgeState(
            new DeviceSide.AwaitingLeaf(), new OriginSide.Dialling(dial.apply(plan.protocols())));
  }

  @Override
  public void start() {
    if (state.origin() instanceof OriginSide.Dialling dialling) {
      dialling.dial().addListener(done -> onOrigin(dialling.dial()));
    }
    List<String> names = plan.leaf().known();
    if (names != null) {
      mint(names);
    }
  }

  private void mint(List<String> names) {
    services
        .certificates()
        .of(spec)
        .leafFor(names)
        .whenComplete((leaf, failure) -> onLoop(() -> onLeaf(leaf, failure)));
  }

  private void mintAsOf(OriginConnection origin) {
    List<String> names = plan.leaf().namesAsOf(origin.names());
    if (names.isEmpty()) {
      unavailable(
          "the origin's certificate is for "
              + origin.names()
              + ", of which the CA's name constraints permit nothing; see 'tls-uplift ca rotate'");
    } else {
      mint(names);
    }
  }

  private void unavailable(String why) {
    callbacks.refused(LingeringClose.INTERNAL_ERROR, CloseReason.CERTIFICATE_UNAVAILABLE, why);
  }

  private void onLeaf(@Nullable Leaf leaf, @Nullable Throwable failure) {
    if (abandoned) {
      return;
    }
    if (leaf == null) {
      unavailable(failure == null ? "" : String.valueOf(failure.getMessage()));
      return;
    }
    state = state.with(new DeviceSide.LeafReady(leaf));
    advance();
  }

  private void onOrigin(Future<OriginConnection> dial) {
    if (abandoned) {
      return;
    }
    boolean answerable = plan.leaf().known() != null;
    if (!dial.isSuccess() && plan.explains() && answerable && !isDeviceReady()) {
      state = state.with(new OriginSide.Failed(dial.cause()));
      advance();
      return;
    }
    if (!dial.isSuccess()) {
      callbacks.originFailed(dial.cause(), isHandshaking() || isDeviceReady());
      return;
    }
    report.originHandshake(dial.getNow().handshake());
    state = state.with(new OriginSide.Ready(dial.getNow()));
    if (!answerable) {
      mintAsOf(dial.getNow());
    }
    advance();
  }

  /** Takes the next step that both sides allow. */
  private void advance() {
    if (state.device() instanceof DeviceSide.LeafReady ready) {
      if (plan.protocols().isEmpty()) {
        answerDevice(ready.leaf(), null);
      } else if (!state.origin().isDialling()) {
        answerDevice(ready.leaf(), state.origin().protocol());
      }
    } else if (state.device() instanceof DeviceSide.Ready) {
      state.origin().report(callbacks);
    } else if (!(state.device() instanceof DeviceSide.Pending)) {
      throw new UnhandledVariantException(state.device());
    }
  }

  private void answerDevice(Leaf leaf, @Nullable String protocol) {
    AlertTap tap = new AlertTap();
    SslHandler tls =
        services
            .contexts()
            .terminate(
                device.alloc(),
                plan.policy(),
                protocol,
                leaf,
                services.limits().handshakeTimeout());
    state = state.with(new DeviceSide.Handshaking(leaf, tap, System.nanoTime()));
    device
        .pipeline()
        .addAfter(PipelineNames.HELLO, PipelineNames.TAP, tap)
        .addAfter(PipelineNames.TAP, PipelineNames.TLS, tls)
        .addAfter(PipelineNames.TLS, PipelineNames.HOLD, new HoldingHandler())
        .remove(PipelineNames.HELLO);
  }

  @Override
  public void onDeviceHandshake(SslHandshakeCompletionEvent event) {
    if (!(state.device() instanceof DeviceSide.Handshaking handshaking)) {
      throw new IllegalStateException("no handshake with the device runs");
    }
    if (!event.isSuccess()) {
      DeviceFailures failure = DeviceFailures.of(event.cause(), handshaking.tap());
      String detail = detail(failure);
      report.deviceHandshake(
          new DeviceHandshake(failure.outcome(), null, elapsed(handshaking), detail));
      callbacks.ended(CloseReason.DEVICE_HANDSHAKE_FAILED, detail);
      return;
    }
    device.pipeline().remove(PipelineNames.TAP);
    EngineWatch.add(device.pipeline(), PipelineNames.TLS_WATCH, true);
    // Only now: before, the end of the stream must also end the handshake.
    device.config().setOption(ChannelOption.ALLOW_HALF_CLOSURE, true);
    report.deviceHandshake(
        new DeviceHandshake(
            HandshakeOutcome.COMPLETED,
            AgreedParameters.of(device.pipeline().get(SslHandler.class)),
            elapsed(handshaking),
            ""));
    state = state.with(new DeviceSide.Ready());
    advance();
  }

  private String detail(DeviceFailures failure) {
    String detail =
        isUnshared(failure.outcome())
            ? remedy() + failure.cause() + "; allowed is " + spec.profile().allowed()
            : failure.cause();
    return services.certificates().hasOwn(spec)
            && (failure.outcome() == HandshakeOutcome.CERTIFICATE_REJECTED
                || failure.outcome() == HandshakeOutcome.CLOSED)
        ? detail
            + "; this listener has a CA of its own: 'tls-uplift ca export --listener "
            + spec.name()
            + "'"
        : detail;
  }

  private static boolean isUnshared(HandshakeOutcome outcome) {
    return outcome == HandshakeOutcome.NO_SHARED_VERSION
        || outcome == HandshakeOutcome.NO_SHARED_CIPHER;
  }

  /** The remedy for a device that shares no version or suite with this listener. */
  private String remedy() {
    ClientHello hello = report.hello();
    return hello != null
        ? LegacyTls.weakerProfileFor(hello, spec.profile())
            .map(
                profile ->
                    "give the device a listener with 'profile: "
                        + profile
                        + "', which serves what it offers; ")
            .orElse("")
        : "";
  }

  @Override
  public boolean isHandshaking() {
    return state.device() instanceof DeviceSide.Handshaking;
  }

  @Override
  public boolean isDeviceReady() {
    return state.device() instanceof DeviceSide.Ready;
  }

  @Override
  public void abandon() {
    abandoned = true;
    state.origin().abandon();
    if (state.device() instanceof DeviceSide.Handshaking handshaking
        && !report.hasDeviceHandshake()) {
      report.deviceHandshake(
          new DeviceHandshake(
              HandshakeOutcome.ABANDONED,
              null,
              elapsed(handshaking),
              "the session ended before the handshake did"));
    }
  }

  private static Duration elapsed(DeviceSide.Handshaking handshaking) {
    return Duration.ofNanos(System.nanoTime() - handshaking.startedNanos());
  }

  private void onLoop(Runnable step) {
    if (device.eventLoop().inEventLoop()) {
      step.run();
    } else {
      device.eventLoop().execute(step);
    }
  }
}
