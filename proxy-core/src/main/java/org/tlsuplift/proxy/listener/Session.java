package org.tlsuplift.proxy.listener;

import io.netty.channel.Channel;
import io.netty.channel.ChannelOption;
import io.netty.channel.ChannelPipeline;
import io.netty.handler.ssl.SslHandler;
import io.netty.handler.ssl.SslHandshakeCompletionEvent;
import io.netty.handler.timeout.IdleStateHandler;
import io.netty.util.concurrent.Future;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;
import org.tlsuplift.proxy.listener.SessionState.Bridging;
import org.tlsuplift.proxy.listener.SessionState.Closed;
import org.tlsuplift.proxy.listener.SessionState.DeviceSide;
import org.tlsuplift.proxy.listener.SessionState.InspectingHello;
import org.tlsuplift.proxy.listener.SessionState.Negotiating;
import org.tlsuplift.proxy.listener.SessionState.OriginSide;
import org.tlsuplift.proxy.listener.SessionState.Relaying;
import org.tlsuplift.proxy.listener.SessionState.Tunnelling;
import org.tlsuplift.proxy.negotiate.NegotiationRefused;
import org.tlsuplift.proxy.relay.HoldingHandler;
import org.tlsuplift.proxy.relay.Relay;
import org.tlsuplift.proxy.route.RouteDecision;
import org.tlsuplift.proxy.route.RouteRequest;
import org.tlsuplift.proxy.session.ClientHello;
import org.tlsuplift.proxy.session.CloseReason;
import org.tlsuplift.proxy.session.DeviceHandshake;
import org.tlsuplift.proxy.session.Direction;
import org.tlsuplift.proxy.session.HandshakeOutcome;
import org.tlsuplift.proxy.session.HostPort;
import org.tlsuplift.proxy.session.TlsParameters;
import org.tlsuplift.proxy.session.TlsVersion;
import org.tlsuplift.proxy.tls.AgreedParameters;
import org.tlsuplift.proxy.tls.AlertTap;
import org.tlsuplift.proxy.tls.DeviceFailures;
import org.tlsuplift.proxy.tls.HelloParse;
import org.tlsuplift.proxy.tls.Leaf;
import org.tlsuplift.proxy.tls.ServerHelloGuard;
import org.tlsuplift.proxy.tls.ServerHelloListener;
import org.tlsuplift.proxy.upstream.OriginConnection;
import org.tlsuplift.proxy.upstream.OriginUnavailableException;
import org.tlsuplift.proxy.upstream.UpstreamInitializer;

/**
 * One device's connection, its partner towards the origin, and the states they go through.
 *
 * <p>Lives on one event loop and is called from it alone: {@code on*} are the events, {@link
 * #close} is the only way to die. The states are drawn in {@link SessionState}.
 */
final class Session {
  private final ListenerSpec spec;
  private final SessionServices services;
  private final Channel device;
  private final SessionReport report;
  private SessionState state = new Negotiating();
  private final Future<?> negotiationTimer;

  Session(ListenerSpec spec, SessionServices services, Channel device, SessionReport report) {
    this.spec = spec;
    this.services = services;
    this.device = device;
    this.report = report;
    this.negotiationTimer =
        device
            .eventLoop()
            .schedule(
                this::onNegotiationTimeout,
                services.limits().negotiationTimeout().toMillis(),
                TimeUnit.MILLISECONDS);
  }

  void onNegotiated(HostPort target) {
    if (state instanceof Negotiating) {
      state = new InspectingHello(target);
      report.negotiated(target);
    }
  }

  void onNegotiationRefused(NegotiationRefused refused) {
    report.refused(refused.target());
    closeAfterReply(refused.reason(), refused.detail());
  }

  void onHello(HelloParse parse) {
    if (!(state instanceof InspectingHello inspecting)) {
      return;
    }
    device.config().setAutoRead(false);
    negotiationTimer.cancel(false);
    if (parse instanceof HelloParse.Parsed parsed) {
      report.helloReceived(parsed.hello());
      route(inspecting.target(), parsed.hello());
    } else if (parse instanceof HelloParse.NotTls not) {
      failUnread(HandshakeOutcome.NOT_TLS, "expected a TLS ClientHello, got " + not.what());
      close(CloseReason.NOT_TLS, "expected a TLS ClientHello, got " + not.what());
    } else if (parse instanceof HelloParse.Malformed malformed) {
      failUnread(HandshakeOutcome.PROTOCOL_ERROR, malformed.why());
      Farewell.alert(device, Farewell.DECODE_ERROR);
      closeAfterReply(CloseReason.MALFORMED_HELLO, malformed.why());
    }
  }

  private void route(HostPort target, ClientHello hello) {
    RouteDecision decision =
        services
            .routes()
            .decide(
                new RouteRequest(
                    spec.name(),
                    (InetSocketAddress) device.remoteAddress(),
                    target,
                    spec.whenModern(),
                    hello));
    report.decided(decision.action());
    if (decision instanceof RouteDecision.Bridge bridge) {
      bridge(bridge, hello);
    } else if (decision instanceof RouteDecision.Tunnel tunnel) {
      tunnel(tunnel);
    } else if (decision instanceof RouteDecision.Deny deny) {
      Farewell.alert(device, Farewell.ACCESS_DENIED);
      closeAfterReply(deny.reason(), deny.detail());
    }
  }

  private void bridge(RouteDecision.Bridge bridge, ClientHello hello) {
    List<String> protocols = LeafNames.bridgeableProtocols(hello);
    Future<OriginConnection> dial =
        services
            .upstream()
            .connectTls(device.eventLoop(), bridge.origin(), bridge.serverName(), protocols);
    state =
        new Bridging(
            hello, protocols, new DeviceSide.AwaitingLeaf(), new OriginSide.Dialling(dial));
    dial.addListener(done -> onOrigin(dial));
    services
        .certificates()
        .leafFor(LeafNames.of(spec, bridge.origin(), hello, services.certificates()))
        .whenComplete((leaf, failure) -> onLoop(() -> onLeaf(leaf, failure)));
  }

  private void tunnel(RouteDecision.Tunnel tunnel) {
    Future<OriginConnection> dial =
        services.upstream().connect(device.eventLoop(), tunnel.origin());
    state = new Tunnelling(dial);
    device.config().setOption(ChannelOption.ALLOW_HALF_CLOSURE, true);
    device
        .pipeline()
        .addAfter(PipelineNames.HELLO, PipelineNames.HOLD, new HoldingHandler())
        .remove(PipelineNames.HELLO);
    dial.addListener(done -> onOrigin(dial));
  }

  private void onLeaf(@Nullable Leaf leaf, @Nullable Throwable failure) {
    if (!(state instanceof Bridging bridging)) {
      return;
    }
    if (leaf == null) {
      Farewell.alert(device, Farewell.INTERNAL_ERROR);
      closeAfterReply(
          CloseReason.CERTIFICATE_UNAVAILABLE,
          failure == null ? "" : String.valueOf(rootMessage(failure)));
      return;
    }
    state = bridging.with(new DeviceSide.LeafReady(leaf));
    advance();
  }

  private void onOrigin(Future<OriginConnection> dial) {
    if (!(state instanceof Bridging || state instanceof Tunnelling)) {
      // Closed meanwhile: close() has cancelled the dial, or closes what had just been connected.
      return;
    }
    if (!dial.isSuccess()) {
      originUnavailable(dial.cause());
    } else if (state instanceof Bridging bridging) {
      report.originHandshake(dial.getNow().handshake());
      state = bridging.with(new OriginSide.Ready(dial.getNow()));
      advance();
    } else {
      OriginConnection origin = dial.getNow();
      origin
          .channel()
          .pipeline()
          .addBefore(
              UpstreamInitializer.HOLD,
              UpstreamInitializer.GUARD,
              new ServerHelloGuard(new TunnelGuard()));
      relay(origin);
    }
  }

  private void originUnavailable(Throwable cause) {
    CloseReason reason = CloseReason.INTERNAL_ERROR;
    if (cause instanceof OriginUnavailableException unavailable) {
      reason = unavailable.reason();
      report.originHandshake(unavailable.handshake());
    }
    boolean answered =
        state instanceof Bridging bridging
            && (bridging.device() instanceof DeviceSide.Handshaking
                || bridging.device() instanceof DeviceSide.Ready);
    if (answered) {
      close(reason, String.valueOf(cause.getMessage()));
    } else {
      Farewell.alert(device, Farewell.INTERNAL_ERROR);
      closeAfterReply(reason, String.valueOf(cause.getMessage()));
    }
  }

  /** Takes the next step that both sides of the bridge allow. */
  private void advance() {
    if (!(state instanceof Bridging bridging)) {
      return;
    }
    if (bridging.device() instanceof DeviceSide.LeafReady ready) {
      if (bridging.applicationProtocols().isEmpty()) {
        answerDevice(bridging, ready.leaf(), null);
      } else if (bridging.origin() instanceof OriginSide.Ready origin) {
        answerDevice(bridging, ready.leaf(), agreedProtocol(origin.connection()));
      }
    } else if (bridging.device() instanceof DeviceSide.Ready
        && bridging.origin() instanceof OriginSide.Ready origin) {
      relay(origin.connection());
    }
  }

  private static @Nullable String agreedProtocol(OriginConnection origin) {
    TlsParameters agreed = origin.handshake() == null ? null : origin.handshake().agreed();
    return agreed == null ? null : agreed.applicationProtocol();
  }

  private void answerDevice(Bridging bridging, Leaf leaf, @Nullable String protocol) {
    AlertTap tap = new AlertTap();
    SslHandler tls =
        services
            .contexts()
            .terminate(
                device.alloc(),
                spec.profile(),
                protocol,
                leaf,
                services.limits().handshakeTimeout());
    state = bridging.with(new DeviceSide.Handshaking(leaf, tap, System.nanoTime()));
    device
        .pipeline()
        .addAfter(PipelineNames.HELLO, PipelineNames.TAP, tap)
        .addAfter(PipelineNames.TAP, PipelineNames.TLS, tls)
        .addAfter(PipelineNames.TLS, PipelineNames.HOLD, new HoldingHandler())
        .remove(PipelineNames.HELLO);
  }

  void onDeviceHandshake(SslHandshakeCompletionEvent event) {
    if (!(state instanceof Bridging bridging)
        || !(bridging.device() instanceof DeviceSide.Handshaking handshaking)) {
      return;
    }
    Duration elapsed = Duration.ofNanos(System.nanoTime() - handshaking.startedNanos());
    if (!event.isSuccess()) {
      failDevice(DeviceFailures.of(event.cause(), handshaking.tap()), elapsed);
      return;
    }
    device.pipeline().remove(PipelineNames.TAP);
    device.config().setOption(ChannelOption.ALLOW_HALF_CLOSURE, true);
    report.deviceHandshake(
        new DeviceHandshake(
            HandshakeOutcome.COMPLETED,
            AgreedParameters.of(device.pipeline().get(SslHandler.class)),
            elapsed,
            ""));
    state = bridging.with(new DeviceSide.Ready());
    advance();
  }

  private void failDevice(DeviceFailures failure, Duration elapsed) {
    String detail = failure.cause() + "; allowed is " + spec.profile().allowed();
    report.deviceHandshake(new DeviceHandshake(failure.outcome(), null, elapsed, detail));
    close(CloseReason.DEVICE_HANDSHAKE_FAILED, detail);
  }

  /** Reports a handshake that never began, so that it is counted with its outcome. */
  private void failUnread(HandshakeOutcome outcome, String detail) {
    report.deviceHandshake(new DeviceHandshake(outcome, null, Duration.ZERO, detail));
  }

  private void relay(OriginConnection origin) {
    if (!origin.channel().isActive() || !device.isActive()) {
      boolean deviceGone = !device.isActive();
      var unused = origin.channel().close();
      close(deviceGone ? CloseReason.DEVICE_RESET : CloseReason.ORIGIN_RESET, "");
      return;
    }
    Relay relay = Relay.join(device, origin.channel(), report.observer(), this::close);
    state = new Relaying(relay, origin);
    ChannelPipeline pipeline = device.pipeline();
    pipeline.addBefore(
        Relay.HANDLER,
        PipelineNames.IDLE,
        new IdleStateHandler(
            true, 0, 0, services.limits().idleTimeout().toMillis(), TimeUnit.MILLISECONDS));
    pipeline.remove(PipelineNames.EVENTS);
    pipeline.remove(PipelineNames.HOLD);
    origin.channel().pipeline().remove(UpstreamInitializer.HOLD);
    relay.start();
  }

  private void onNegotiationTimeout() {
    if (state instanceof Negotiating) {
      closeAfterReply(
          CloseReason.NEGOTIATION_TIMEOUT, "the device did not say in time where it wants to go");
    } else if (state instanceof InspectingHello) {
      failUnread(HandshakeOutcome.TIMEOUT, "no complete ClientHello in time");
      closeAfterReply(CloseReason.NEGOTIATION_TIMEOUT, "no complete ClientHello in time");
    }
  }

  void onDeviceGone() {
    boolean spoken =
        state instanceof Bridging bridging && bridging.device() instanceof DeviceSide.Ready;
    close(spoken ? CloseReason.DEVICE_RESET : CloseReason.DEVICE_CLOSED, "");
  }

  void onDeviceError(Throwable cause) {
    if (state instanceof Bridging bridging && bridging.device() instanceof DeviceSide.Handshaking) {
      // The TLS handler reports the same fault as the end of the handshake.
      return;
    }
    close(
        cause instanceof IOException ? CloseReason.DEVICE_RESET : CloseReason.INTERNAL_ERROR,
        String.valueOf(cause));
  }

  /** Ends the session after an answer has been written to the device, so that it can be read. */
  private void closeAfterReply(CloseReason reason, String detail) {
    end(reason, detail, true);
  }

  /** Ends the session: both channels, once, with one reason. */
  void close(CloseReason reason, String detail) {
    end(reason, detail, false);
  }

  private void end(CloseReason reason, String detail, boolean linger) {
    SessionState last = state;
    if (last instanceof Closed) {
      return;
    }
    state = new Closed();
    negotiationTimer.cancel(false);
    long up = 0;
    long down = 0;
    if (last instanceof Bridging bridging) {
      abandon(bridging);
    } else if (last instanceof Tunnelling tunnelling) {
      drop(tunnelling.dial());
    } else if (last instanceof Relaying relaying) {
      up = relaying.relay().bytes(Direction.UP);
      down = relaying.relay().bytes(Direction.DOWN);
      var unused = relaying.origin().channel().close();
    }
    if (linger) {
      Farewell.linger(device);
    } else {
      var unused = device.close();
    }
    report.closed(reason, detail, up, down);
  }

  private void abandon(Bridging bridging) {
    if (bridging.origin() instanceof OriginSide.Dialling dialling) {
      drop(dialling.dial());
    } else if (bridging.origin() instanceof OriginSide.Ready ready) {
      var unused = ready.connection().channel().close();
    }
    if (bridging.device() instanceof DeviceSide.Handshaking handshaking
        && !report.hasDeviceHandshake()) {
      report.deviceHandshake(
          new DeviceHandshake(
              HandshakeOutcome.ABANDONED,
              null,
              Duration.ofNanos(System.nanoTime() - handshaking.startedNanos()),
              "the origin's side failed first"));
    }
  }

  private static void drop(Future<OriginConnection> dial) {
    if (!dial.cancel(false) && dial.isSuccess()) {
      var unused = dial.getNow().channel().close();
    }
  }

  private void onLoop(Runnable step) {
    if (device.eventLoop().inEventLoop()) {
      step.run();
    } else {
      device.eventLoop().execute(step);
    }
  }

  private static @Nullable String rootMessage(Throwable failure) {
    return failure.getCause() == null ? failure.getMessage() : failure.getCause().getMessage();
  }

  /** Ends a tunnel in which the origin chooses what must not leave the building. */
  private final class TunnelGuard implements ServerHelloListener {
    @Override
    public void belowFloor(TlsVersion version) {
      close(
          CloseReason.ORIGIN_BELOW_FLOOR,
          "the origin chose " + version + " in a tunnel; nothing below TLSv1.2 leaves here");
    }

    @Override
    public void unreadable(String why) {
      close(CloseReason.ORIGIN_BELOW_FLOOR, why);
    }

    @Override
    public void agreed(TlsParameters parameters) {
      report.tunnelAgreed(parameters);
    }
  }
}
