package org.tlsuplift.proxy.listener;

import io.netty.channel.Channel;
import io.netty.channel.ChannelPipeline;
import io.netty.handler.ssl.SslHandshakeCompletionEvent;
import io.netty.handler.timeout.IdleStateHandler;
import io.netty.util.concurrent.Future;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.time.Duration;
import java.util.concurrent.TimeUnit;
import org.tlsuplift.proxy.listener.SessionState.Closed;
import org.tlsuplift.proxy.listener.SessionState.Connecting;
import org.tlsuplift.proxy.listener.SessionState.InspectingHello;
import org.tlsuplift.proxy.listener.SessionState.Negotiating;
import org.tlsuplift.proxy.listener.SessionState.Relaying;
import org.tlsuplift.proxy.negotiate.NegotiationRefused;
import org.tlsuplift.proxy.relay.Relay;
import org.tlsuplift.proxy.route.RouteDecision;
import org.tlsuplift.proxy.route.RouteRequest;
import org.tlsuplift.proxy.session.ClientHello;
import org.tlsuplift.proxy.session.CloseReason;
import org.tlsuplift.proxy.session.DeviceHandshake;
import org.tlsuplift.proxy.session.Direction;
import org.tlsuplift.proxy.session.HandshakeOutcome;
import org.tlsuplift.proxy.session.HostPort;
import org.tlsuplift.proxy.tls.HelloParse;
import org.tlsuplift.proxy.tls.OriginFailures;
import org.tlsuplift.proxy.upstream.OriginConnection;
import org.tlsuplift.proxy.upstream.OriginUnavailableException;
import org.tlsuplift.proxy.upstream.UpstreamInitializer;

/**
 * One device's connection, its partner towards the origin, and the states they go through.
 *
 * <p>Lives on one event loop and is called from it alone: {@code on*} are the events, {@link
 * #close} is the only way to die. The states are drawn in {@link SessionState}.
 */
final class Session implements Opening.Listener {
  private final ListenerSpec spec;
  private final SessionServices services;
  private final Channel device;
  private final SessionReport report;
  private final Future<?> negotiationTimer;
  private SessionState state = new Negotiating();

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
      String detail = "expected a TLS ClientHello, got " + not.what();
      reportNoHandshake(HandshakeOutcome.NOT_TLS, detail);
      close(CloseReason.NOT_TLS, detail);
    } else if (parse instanceof HelloParse.Malformed malformed) {
      reportNoHandshake(HandshakeOutcome.PROTOCOL_ERROR, malformed.why());
      refused(Farewell.DECODE_ERROR, CloseReason.MALFORMED_HELLO, malformed.why());
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
      BridgeOpening opening =
          new BridgeOpening(spec, services, device, report, bridge, hello, this);
      state = new Connecting(opening);
      opening.start(LeafNames.of(spec, target, hello, services.certificates()));
    } else if (decision instanceof RouteDecision.Tunnel tunnel) {
      TunnelOpening opening = new TunnelOpening(services.upstream(), device, report, tunnel, this);
      state = new Connecting(opening);
      opening.start();
    } else if (decision instanceof RouteDecision.Deny deny) {
      refused(Farewell.ACCESS_DENIED, deny.reason(), deny.detail());
    }
  }

  void onDeviceHandshake(SslHandshakeCompletionEvent event) {
    if (state instanceof Connecting connecting) {
      connecting.opening().onDeviceHandshake(event);
    }
  }

  @Override
  public void opened(OriginConnection origin) {
    if (!origin.channel().isActive() || !device.isActive()) {
      boolean deviceGone = !device.isActive();
      onRelayEnded(
          deviceGone ? CloseReason.DEVICE_RESET : CloseReason.ORIGIN_RESET,
          deviceGone ? "" : origin.failure());
      return;
    }
    Relay relay = Relay.join(device, origin.channel(), report.observer(), this::onRelayEnded);
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

  /** An origin may refuse our certificate when the session relays already. */
  private void onRelayEnded(CloseReason reason, String detail) {
    OriginFailures refusal =
        reason == CloseReason.ORIGIN_RESET
            ? OriginFailures.afterHandshake(detail).orElse(null)
            : null;
    if (refusal == null) {
      close(reason, detail);
    } else {
      close(refusal.reason(), refusal.detail());
    }
  }

  @Override
  public void originFailed(Throwable cause, boolean deviceAnswered) {
    CloseReason reason = CloseReason.INTERNAL_ERROR;
    if (cause instanceof OriginUnavailableException unavailable) {
      reason = unavailable.reason();
      report.originHandshake(unavailable.handshake());
    }
    String detail = String.valueOf(cause.getMessage());
    if (deviceAnswered) {
      close(reason, detail);
    } else {
      refused(Farewell.INTERNAL_ERROR, reason, detail);
    }
  }

  @Override
  public void refused(int alert, CloseReason reason, String detail) {
    Farewell.alert(device, alert);
    closeAfterReply(reason, detail);
  }

  @Override
  public void ended(CloseReason reason, String detail) {
    close(reason, detail);
  }

  private void onNegotiationTimeout() {
    if (state instanceof Negotiating) {
      closeAfterReply(
          CloseReason.NEGOTIATION_TIMEOUT, "the device did not say in time where it wants to go");
    } else if (state instanceof InspectingHello) {
      reportNoHandshake(HandshakeOutcome.TIMEOUT, "no complete ClientHello in time");
      closeAfterReply(CloseReason.NEGOTIATION_TIMEOUT, "no complete ClientHello in time");
    }
  }

  void onDeviceGone() {
    boolean spoken = state instanceof Connecting connecting && connecting.opening().isDeviceReady();
    close(spoken ? CloseReason.DEVICE_RESET : CloseReason.DEVICE_CLOSED, "");
  }

  void onDeviceError(Throwable cause) {
    if (state instanceof Connecting connecting && connecting.opening().isHandshaking()) {
      // The TLS handler reports the same fault as the end of the handshake.
      return;
    }
    close(
        cause instanceof IOException ? CloseReason.DEVICE_RESET : CloseReason.INTERNAL_ERROR,
        String.valueOf(cause));
  }

  /** Reports a handshake that never began, so that it is counted with its outcome. */
  private void reportNoHandshake(HandshakeOutcome outcome, String detail) {
    report.deviceHandshake(new DeviceHandshake(outcome, null, Duration.ZERO, detail));
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
    if (last instanceof Connecting connecting) {
      connecting.opening().abandon();
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
}
