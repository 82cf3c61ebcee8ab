package org.tlsuplift.proxy.listener;

import io.netty.buffer.ByteBufUtil;
import io.netty.channel.Channel;
import io.netty.handler.ssl.SslHandshakeCompletionEvent;
import java.io.IOException;
import java.time.Duration;
import org.jspecify.annotations.Nullable;
import org.tlsuplift.proxy.listener.SessionState.Closed;
import org.tlsuplift.proxy.listener.SessionState.Connecting;
import org.tlsuplift.proxy.listener.SessionState.Conversing;
import org.tlsuplift.proxy.listener.SessionState.InspectingHello;
import org.tlsuplift.proxy.listener.SessionState.Negotiating;
import org.tlsuplift.proxy.listener.SessionState.Relaying;
import org.tlsuplift.proxy.mail.DeviceDialect;
import org.tlsuplift.proxy.mail.MailService;
import org.tlsuplift.proxy.mail.MailService.DeviceTls;
import org.tlsuplift.proxy.negotiate.NegotiationRefused;
import org.tlsuplift.proxy.negotiate.PlainRequest;
import org.tlsuplift.proxy.relay.Relay;
import org.tlsuplift.proxy.route.RouteDecision;
import org.tlsuplift.proxy.session.Action;
import org.tlsuplift.proxy.session.ClientHello;
import org.tlsuplift.proxy.session.CloseReason;
import org.tlsuplift.proxy.session.DeviceHandshake;
import org.tlsuplift.proxy.session.Direction;
import org.tlsuplift.proxy.session.HandshakeOutcome;
import org.tlsuplift.proxy.session.HostPort;
import org.tlsuplift.proxy.session.MailProtocol;
import org.tlsuplift.proxy.signin.SignIn;
import org.tlsuplift.proxy.tls.HelloParse;
import org.tlsuplift.proxy.tls.OriginFailures;
import org.tlsuplift.proxy.upstream.MailOrigin;
import org.tlsuplift.proxy.upstream.OriginConnection;
import org.tlsuplift.proxy.upstream.OriginUnavailableException;
import org.tlsuplift.proxy.upstream.SecuredMailOrigin;

/**
 * One device's connection, its partner towards the origin, and the states they go through.
 *
 * <p>Lives on one event loop and is called from it alone: {@code on*} are the events, {@link
 * #close} is the only way to die. The states are drawn in {@link SessionState}.
 */
final class Session implements Opening.Listener, MailNegotiation.Listener {
  /** Said to devices and in the log. */
  static final String SHUTS_DOWN = "the proxy shuts down";

  private final ListenerSpec spec;
  private final SessionServices services;
  private final Channel device;
  private final SessionReport report;
  private final NegotiationTimer negotiationTimer;
  private SessionState state = new Negotiating();

  Session(ListenerSpec spec, SessionServices services, Channel device, SessionReport report) {
    this.spec = spec;
    this.services = services;
    this.device = device;
    this.report = report;
    this.negotiationTimer =
        new NegotiationTimer(
            device.eventLoop(), services.limits().negotiationTimeout(), this::onNegotiationTimeout);
    negotiationTimer.start();
  }

  void onNegotiated(HostPort target) {
    if (!(state instanceof Negotiating)) {
      return;
    }
    report.negotiated(target);
    if (spec.accept() instanceof Accept.Transparent) {
      report.redirected(target);
    }
    MailService mail =
        spec.accept() instanceof Accept.Fixed
            ? spec.mail()
            : MailService.ofPort(target.port()).orElse(null);
    if (mail == null || mail.deviceTls() == DeviceTls.IMPLICIT) {
      state = new InspectingHello(target, mail, null);
    } else {
      converse(target, mail);
    }
  }

  void onPlainRequest(PlainRequest request) {
    if (!(state instanceof Negotiating)) {
      return;
    }
    device.config().setAutoRead(false);
    negotiationTimer.stop();
    report.negotiated(request.target());
    report.decided(Action.FORWARD);
    begin(
        new Connecting(
            new ForwardOpening(
                device, services.upstream().forward(report.caller(device), request), this),
            null));
  }

  private void converse(HostPort target, MailService mail) {
    MailNegotiation negotiation =
        new MailNegotiation(spec, mail, target, services, device, report, this);
    RouteDecision.Deny denied = negotiation.denied();
    if (denied != null) {
      report.decided(denied.action());
      lastWord(mail.protocol(), denied.detail());
      closeAfterReply(denied.reason(), denied.detail());
      return;
    }
    state = new Conversing(target, mail, negotiation);
    device
        .pipeline()
        .addBefore(PipelineNames.HELLO, PipelineNames.MAIL, negotiation.conversation());
  }

  @Override
  public void deviceExpected() {
    negotiationTimer.start();
  }

  @Override
  public void deviceWaits() {
    negotiationTimer.stop();
  }

  @Override
  public void tlsFollows(@Nullable MailOrigin origin) {
    if (state instanceof Conversing conversing) {
      state = new InspectingHello(conversing.target(), conversing.mail(), origin);
      negotiationTimer.start();
    }
  }

  @Override
  public void plaintextFollows(SecuredMailOrigin origin, @Nullable String hello, String command) {
    if (!(state instanceof Conversing conversing)) {
      return;
    }
    report.plaintextAccepted(conversing.mail().protocol());
    report.decided(Action.BRIDGE);
    PlaintextOpening opening = new PlaintextOpening(device, report, origin.introduce(hello), this);
    conversing.negotiation().conversation().passOn(command);
    begin(new Connecting(opening, conversing.mail().protocol()));
  }

  @Override
  public void plaintextSignInFollows(RouteDecision.Bridge bridge, String command) {
    SignIn signIn = spec.signIn();
    if (!(state instanceof Conversing conversing) || signIn == null) {
      return;
    }
    report.plaintextAccepted(conversing.mail().protocol());
    report.decided(Action.BRIDGE);
    begin(
        new Connecting(
            SignInOpening.inPlaintext(
                new SignInOpening.Plan(
                    signIn, conversing.mail(), conversing.target(), bridge, true),
                spec,
                services,
                device,
                report,
                this),
            conversing.mail().protocol()));
    conversing.negotiation().conversation().passOn(command);
  }

  @Override
  public void originUnavailable(Throwable cause) {
    closeAfterReply(reason(cause), String.valueOf(cause.getMessage()));
  }

  @Override
  public void conversationEnded(CloseReason reason, String detail) {
    closeAfterReply(reason, detail);
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
    negotiationTimer.stop();
    if (parse instanceof HelloParse.Parsed parsed) {
      report.helloReceived(parsed.hello());
      route(inspecting, parsed.hello());
    } else if (parse instanceof HelloParse.NotTls not) {
      boolean afterStartTls = inspecting.origin() != null;
      String detail =
          "expected a TLS ClientHello"
              + (afterStartTls ? " after STARTTLS" : "")
              + ", got "
              + not.what();
      reportNoHandshake(HandshakeOutcome.NOT_TLS, detail);
      close(afterStartTls ? CloseReason.PLAINTEXT_AFTER_STARTTLS : CloseReason.NOT_TLS, detail);
    } else if (parse instanceof HelloParse.Malformed malformed) {
      reportNoHandshake(HandshakeOutcome.PROTOCOL_ERROR, malformed.why());
      refused(Farewell.DECODE_ERROR, CloseReason.MALFORMED_HELLO, malformed.why());
    }
  }

  private void route(InspectingHello inspecting, ClientHello hello) {
    Openings openings = new Openings(spec, services, device, report, inspecting, hello);
    RouteDecision decision = openings.decide();
    report.decided(decision.action());
    if (decision instanceof RouteDecision.Bridge bridge) {
      begin(openings.bridge(bridge, this));
    } else if (decision instanceof RouteDecision.Tunnel tunnel) {
      begin(openings.tunnel(tunnel, this));
    } else if (decision instanceof RouteDecision.Deny deny) {
      refused(Farewell.ACCESS_DENIED, deny.reason(), deny.detail());
    }
  }

  private void begin(Connecting connecting) {
    state = connecting;
    connecting.opening().start();
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
    MailProtocol mail = state instanceof Connecting connecting ? connecting.mail() : null;
    Relay relay = Junction.join(device, origin.channel(), mail, report, this::onRelayEnded);
    state = new Relaying(relay, origin);
    Junction.open(relay, device, origin.channel(), services.limits().idleTimeout());
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
    CloseReason reason = reason(cause);
    String detail = String.valueOf(cause.getMessage());
    if (state instanceof Connecting connecting
        && connecting.mail() != null
        && connecting.opening().isDeviceReady()) {
      lastWord(connecting.mail(), detail);
      closeAfterReply(reason, detail);
    } else if (deviceAnswered) {
      close(reason, detail);
    } else {
      refused(Farewell.INTERNAL_ERROR, reason, detail);
    }
  }

  /** Reports the handshake with the origin that failed, if it came so far. */
  private CloseReason reason(Throwable cause) {
    if (cause instanceof OriginUnavailableException unavailable) {
      report.originHandshake(unavailable.handshake());
      return unavailable.reason();
    }
    return CloseReason.INTERNAL_ERROR;
  }

  /** Tells a device of mail why it is left, in words that it may show or log. */
  private void lastWord(MailProtocol protocol, String why) {
    var unused =
        device.writeAndFlush(
            ByteBufUtil.writeAscii(device.alloc(), DeviceDialect.of(protocol).closing(why)));
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
    } else if (state instanceof Conversing conversing) {
      Throwable refusal = conversing.negotiation().refusal();
      if (refusal != null) {
        originUnavailable(refusal);
      } else {
        String why = "no complete command in time";
        lastWord(conversing.mail().protocol(), why);
        closeAfterReply(CloseReason.NEGOTIATION_TIMEOUT, why);
      }
    } else if (state instanceof InspectingHello inspecting) {
      String why =
          inspecting.mail() != null && inspecting.origin() == null
              ? "no complete ClientHello in time; a device that waits for a greeting uses STARTTLS or no encryption:"
                  + " set 'downstreamTls: starttls' or 'optional' for it"
              : "no complete ClientHello in time";
      reportNoHandshake(HandshakeOutcome.TIMEOUT, why);
      closeAfterReply(CloseReason.NEGOTIATION_TIMEOUT, why);
    }
  }

  void onDeviceGone() {
    if (state instanceof Conversing conversing && conversing.negotiation().refusal() != null) {
      Throwable refusal = conversing.negotiation().refusal();
      close(reason(refusal), String.valueOf(refusal.getMessage()));
      return;
    }
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

  /** Ends the session because the proxy ends; a device that is conversed with is told so. */
  void shutDown() {
    if (state instanceof Conversing conversing) {
      lastWord(conversing.mail().protocol(), SHUTS_DOWN);
      closeAfterReply(CloseReason.SHUTDOWN, SHUTS_DOWN);
    } else if (state instanceof Connecting connecting
        && connecting.opening() instanceof SignInOpening signingIn
        && signingIn.sayLast(SHUTS_DOWN)) {
      closeAfterReply(CloseReason.SHUTDOWN, SHUTS_DOWN);
    } else {
      close(CloseReason.SHUTDOWN, SHUTS_DOWN);
    }
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
    negotiationTimer.stop();
    long up = 0;
    long down = 0;
    if (last instanceof Conversing conversing) {
      conversing.negotiation().abandon();
    } else if (last instanceof InspectingHello inspecting && inspecting.origin() != null) {
      inspecting.origin().close();
    } else if (last instanceof Connecting connecting) {
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
