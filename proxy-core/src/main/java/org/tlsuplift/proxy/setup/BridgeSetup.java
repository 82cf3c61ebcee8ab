package org.tlsuplift.proxy.setup;

import io.netty.channel.Channel;
import io.netty.channel.ChannelOption;
import io.netty.handler.ssl.SslHandler;
import io.netty.handler.ssl.SslHandshakeCompletionEvent;
import io.netty.util.concurrent.Future;
import io.netty.util.concurrent.Promise;
import java.time.Duration;
import java.util.List;
import org.jspecify.annotations.Nullable;
import org.tlsuplift.proxy.context.PipelineNames;
import org.tlsuplift.proxy.context.SessionContext;
import org.tlsuplift.proxy.context.SessionReporter;
import org.tlsuplift.proxy.model.DeviceHandshake;
import org.tlsuplift.proxy.model.Explanation;
import org.tlsuplift.proxy.model.LeafKey;
import org.tlsuplift.proxy.model.OriginHandshake;
import org.tlsuplift.proxy.model.TlsParameters;
import org.tlsuplift.proxy.model.UnhandledVariantException;
import org.tlsuplift.proxy.netty.EngineWatch;
import org.tlsuplift.proxy.outcome.CloseReason;
import org.tlsuplift.proxy.outcome.HandshakeOutcome;
import org.tlsuplift.proxy.relay.HoldingHandler;
import org.tlsuplift.proxy.relay.QuickAck;
import org.tlsuplift.proxy.route.NamedByCertificate;
import org.tlsuplift.proxy.tls.AgreedParameters;
import org.tlsuplift.proxy.tls.CertificateNames;
import org.tlsuplift.proxy.tls.CertificateSource;
import org.tlsuplift.proxy.tls.Leaf;
import org.tlsuplift.proxy.tls.TlsPolicy;
import org.tlsuplift.proxy.tls.failure.DeviceFailures;
import org.tlsuplift.proxy.tls.hello.AlertTap;
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
      LeafNames leaf,
      List<String> protocols,
      boolean explains) {}

  /** The names in the certificate for the device. */
  public sealed interface LeafNames {
    /** The names to sign, or null if they depend on the origin's certificate. */
    @Nullable List<String> known();

    /** The names to sign, given those in the origin's certificate. May be empty. */
    List<String> namesAsOf(CertificateNames origin);

    /** Why there is no certificate although the origin was reached. */
    default Explanation none(CertificateNames origin) {
      return Explanation.NONE;
    }

    /** The maximum number of names in a certificate. */
    static int most(CertificateSource certificates) {
      return certificates.oneName() ? 1 : 100;
    }

    /** The names are known before the origin is dialled. */
    record Known(List<String> known) implements LeafNames {
      @Override
      public List<String> namesAsOf(CertificateNames origin) {
        return known;
      }
    }

    /**
     * The names depend on the origin's certificate, so the device waits for the origin.
     *
     * @param proof the names that the origin may prove
     * @param certificates decides which names may be signed
     */
    record OfOrigin(NamedByCertificate proof, CertificateSource certificates) implements LeafNames {
      @Override
      public @Nullable List<String> known() {
        return null;
      }

      @Override
      public List<String> namesAsOf(CertificateNames origin) {
        return proof.names(origin).stream()
            .filter(certificates::maySign)
            .limit(most(certificates))
            .toList();
      }

      @Override
      public Explanation none(CertificateNames origin) {
        return certificates.ownNames().isEmpty()
            ? new Explanation(
                "the CA permits none of the origin's names",
                "create a CA that permits them: 'tls-uplift ca stage'",
                "the origin's names are " + origin)
            : new Explanation(
                "the listener's certificate has none of the origin's names",
                "use a listener without 'certificate' for this origin, or get a certificate with its name",
                "the origin's names are " + origin);
      }
    }
  }

  /** The progress on the device's side. */
  private sealed interface DeviceSide {
    /** A step in progress. Its end is an event. */
    sealed interface Pending extends DeviceSide {}

    /** The certificate is being issued, or waits for the names in the origin's certificate. */
    record AwaitingLeaf() implements Pending {}

    /** The certificate is issued. If ALPN is in use, the origin must choose a protocol first. */
    record LeafReady(Leaf leaf) implements DeviceSide {}

    /** The handshake is running. */
    record Handshaking(AlertTap tap, long startedNanos) implements Pending {}

    /** The handshake is complete. */
    record Ready() implements DeviceSide {}
  }

  /** The progress on the origin's side. */
  private sealed interface OriginSide {
    /** The result of {@link #start} if the device is ready too, or null while it is unknown. */
    default @Nullable Result result() {
      return null;
    }

    /** The ALPN name that the origin chose, or null. */
    default @Nullable String protocol() {
      return null;
    }

    default void drop() {}

    record Idle() implements OriginSide {}

    record Dialling(Future<OriginConnection> dial) implements OriginSide {
      @Override
      public void drop() {
        OriginConnection.drop(dial);
      }
    }

    record Connected(OriginConnection origin) implements OriginSide {
      @Override
      public Result result() {
        return new Result.Opened(origin);
      }

      @Override
      public @Nullable String protocol() {
        OriginHandshake handshake = origin.handshake();
        TlsParameters agreed = handshake == null ? null : handshake.agreed();
        return agreed == null ? null : agreed.applicationProtocol();
      }

      @Override
      public void drop() {
        var unused = origin.channel().close();
      }
    }

    record Failed(Throwable cause) implements OriginSide {
      @Override
      public Result result() {
        return new Result.OriginFailed(cause, true);
      }
    }
  }

  private final SessionContext context;
  private final Channel device;
  private final SessionReporter report;
  private final Plan plan;
  private final Dial dial;
  private final Promise<Result> result;
  private DeviceSide side = new DeviceSide.AwaitingLeaf();
  private OriginSide origin = new OriginSide.Idle();

  /**
   * Creates the setup.
   *
   * @param dial connects to the origin and offers the plan's protocols
   */
  public BridgeSetup(SessionContext context, Plan plan, Dial dial) {
    this.context = context;
    this.device = context.device();
    this.report = context.report();
    this.plan = plan;
    this.dial = dial;
    this.result = device.eventLoop().newPromise();
  }

  @Override
  public Future<Result> start() {
    Future<OriginConnection> dialled = dial.start();
    origin = new OriginSide.Dialling(dialled);
    dialled.addListener(done -> onOrigin(dialled));
    List<String> names = plan.leaf().known();
    if (names != null) {
      mint(names);
    }
    return result;
  }

  private void mint(List<String> names) {
    CertificateSource certificates = context.services().certificates().of(context.spec());
    (plan.key() == LeafKey.EC ? certificates.ecLeafFor(names) : certificates.leafFor(names))
        .whenComplete((leaf, failure) -> onLoop(() -> onLeaf(leaf, failure)));
  }

  private void mintAsOf(OriginConnection connected) {
    List<String> names = plan.leaf().namesAsOf(connected.names());
    if (names.isEmpty()) {
      unavailable(plan.leaf().none(connected.names()));
    } else {
      mint(names);
    }
  }

  private void unavailable(Explanation why) {
    result.trySuccess(
        new Result.Refused(
            hasOperatorCertificate()
                ? LingeringClose.UNRECOGNIZED_NAME
                : LingeringClose.INTERNAL_ERROR,
            CloseReason.CERTIFICATE_UNAVAILABLE,
            why));
  }

  private boolean hasOperatorCertificate() {
    return !operatorNames().isEmpty();
  }

  private List<String> operatorNames() {
    return context.services().certificates().of(context.spec()).ownNames();
  }

  private void onLeaf(@Nullable Leaf leaf, @Nullable Throwable failure) {
    if (result.isDone()) {
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

  private void onOrigin(Future<OriginConnection> dialled) {
    if (result.isDone()) {
      return;
    }
    boolean answerable = plan.leaf().known() != null && !isDeviceReady();
    if (dialled.isSuccess()) {
      OriginConnection connected = dialled.getNow();
      origin = new OriginSide.Connected(connected);
      report.originHandshake(connected.handshake());
      if (plan.leaf().known() == null) {
        mintAsOf(connected);
      }
    } else if (plan.explains() && answerable) {
      origin = new OriginSide.Failed(dialled.cause());
    } else {
      result.trySuccess(
          new Result.OriginFailed(dialled.cause(), isHandshaking() || isDeviceReady()));
      return;
    }
    advance();
  }

  /** Continues with the next step if both sides have what it needs. */
  private void advance() {
    Result ofOrigin = origin.result();
    if (side instanceof DeviceSide.LeafReady ready) {
      if (ofOrigin != null || plan.protocols().isEmpty()) {
        answerDevice(ready.leaf(), plan.protocols().isEmpty() ? null : origin.protocol());
      }
    } else if (side instanceof DeviceSide.Ready) {
      if (ofOrigin != null) {
        result.trySuccess(ofOrigin);
      }
    } else if (!(side instanceof DeviceSide.Pending)) {
      throw new UnhandledVariantException(side);
    }
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
    context.facts().trustRemedy(HandshakeExplanation.trust(context));
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
      result.trySuccess(new Result.Ended(CloseReason.DEVICE_HANDSHAKE_FAILED, why, false));
      return;
    }
    device.pipeline().remove(PipelineNames.TAP);
    device.pipeline().remove(PipelineNames.ACK);
    EngineWatch.add(device.pipeline(), PipelineNames.TLS_WATCH, true);
    // Not earlier: during the handshake, the end of the input must end the handshake. What to
    // report, and when to set it from the start: see OriginConnection.of.
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
    result.cancel(false);
    origin.drop();
    if (side instanceof DeviceSide.Handshaking handshaking
        && !context.facts().hasDeviceHandshake()) {
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
