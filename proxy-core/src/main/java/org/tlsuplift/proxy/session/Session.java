package org.tlsuplift.proxy.session;

import io.netty.channel.Channel;
import io.netty.handler.ssl.SslHandshakeCompletionEvent;
import java.io.IOException;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;
import org.tlsuplift.proxy.context.AcceptMode;
import org.tlsuplift.proxy.context.NegotiationTimer;
import org.tlsuplift.proxy.context.PipelineNames;
import org.tlsuplift.proxy.context.SessionContext;
import org.tlsuplift.proxy.context.SessionReport;
import org.tlsuplift.proxy.mail.MailService;
import org.tlsuplift.proxy.mail.MailService.DeviceTls;
import org.tlsuplift.proxy.model.Action;
import org.tlsuplift.proxy.model.ClientHello;
import org.tlsuplift.proxy.model.CloseReason;
import org.tlsuplift.proxy.model.Direction;
import org.tlsuplift.proxy.model.HandshakeOutcome;
import org.tlsuplift.proxy.model.HostPort;
import org.tlsuplift.proxy.model.MailProtocol;
import org.tlsuplift.proxy.model.UnhandledVariantException;
import org.tlsuplift.proxy.negotiate.NegotiationRefused;
import org.tlsuplift.proxy.negotiate.PlainRequest;
import org.tlsuplift.proxy.relay.Relay;
import org.tlsuplift.proxy.route.RouteDecision;
import org.tlsuplift.proxy.session.SessionState.Awaiting;
import org.tlsuplift.proxy.session.SessionState.Closed;
import org.tlsuplift.proxy.session.SessionState.Connecting;
import org.tlsuplift.proxy.session.SessionState.Conversing;
import org.tlsuplift.proxy.session.SessionState.InspectingHello;
import org.tlsuplift.proxy.session.SessionState.Negotiating;
import org.tlsuplift.proxy.session.SessionState.Relaying;
import org.tlsuplift.proxy.setup.ForwardSetup;
import org.tlsuplift.proxy.setup.LingeringClose;
import org.tlsuplift.proxy.setup.RelayStarter;
import org.tlsuplift.proxy.setup.Setup;
import org.tlsuplift.proxy.tls.failure.TlsFault;
import org.tlsuplift.proxy.tls.hello.HelloParse;
import org.tlsuplift.proxy.upstream.dial.OriginConnection;
import org.tlsuplift.proxy.upstream.mail.MailOrigin;

/**
 * One device's connection, its partner towards the origin, and the states they go through.
 *
 * <p>Lives on one event loop and is called from it alone: {@code on*} are the events, {@link
 * #close} is the only way to die. The states are drawn in {@link SessionState}.
 */
public final class Session implements Setup.Callbacks, StartTlsConversation.Callbacks {
  private final SessionContext context;
  private final Channel device;
  private final SessionReport report;
  private final NegotiationTimer negotiationTimer;
  private SessionState state = new Negotiating();

  public Session(SessionContext context) {
    this.context = context;
    this.device = context.device();
    this.report = context.report();
    this.negotiationTimer = context.negotiationTimer(this::onNegotiationTimeout);
    negotiationTimer.start();
  }

  void onNegotiated(HostPort target) {
    if (!(state instanceof Negotiating)) {
      unexpected("negotiated");
      return;
    }
    report.negotiated(target);
    if (context.spec().accept() instanceof AcceptMode.Transparent) {
      report.redirected(target);
    }
    MailService mail = context.spec().mailAt(target);
    if (mail == null || mail.deviceTls() == DeviceTls.IMPLICIT) {
      state = new InspectingHello(target, mail, null);
    } else {
      converse(target, mail);
    }
  }

  void onPlainRequest(PlainRequest request) {
    if (!(state instanceof Negotiating)) {
      unexpected("plain request");
      return;
    }
    device.config().setAutoRead(false);
    negotiationTimer.stop();
    report.negotiated(request.target());
    report.decided(Action.FORWARD);
    begin(
        new Connecting(
            new ForwardSetup(
                device,
                context.services().upstream().forward(context.dialContext(), request),
                this),
            null));
  }

  private void converse(HostPort target, MailService mail) {
    StartTlsConversation negotiation = new StartTlsConversation(context, mail, target, this);
    RouteDecision.Deny denied = negotiation.denied();
    if (denied != null) {
      report.decided(denied.action());
      LingeringClose.mail(device, mail.protocol(), denied.detail());
      end(denied.reason(), denied.detail(), true);
      return;
    }
    state = new Conversing(target, mail, negotiation);
    device
        .pipeline()
        .addBefore(PipelineNames.HELLO, PipelineNames.MAIL, negotiation.conversation());
  }

  @Override
  public void deviceExpected() {
    if (state instanceof Conversing) {
      negotiationTimer.start();
    } else {
      unexpected("device expected");
    }
  }

  @Override
  public void deviceWaits() {
    if (state instanceof Conversing) {
      negotiationTimer.stop();
    } else {
      unexpected("device waits");
    }
  }

  @Override
  public void tlsFollows(@Nullable MailOrigin origin) {
    if (state instanceof Conversing conversing) {
      state = new InspectingHello(conversing.target(), conversing.mail(), origin);
      negotiationTimer.start();
    } else {
      unexpected("tls follows");
    }
  }

  @Override
  public void plaintextFollows(Function<Setup.Callbacks, Setup> setup) {
    if (state instanceof Conversing conversing) {
      MailProtocol protocol = conversing.mail().protocol();
      report.plaintextAccepted(protocol);
      report.decided(Action.BRIDGE);
      begin(new Connecting(setup.apply(this), protocol));
    } else {
      unexpected("plaintext follows");
    }
  }

  @Override
  public void originUnavailable(Throwable cause) {
    if (state instanceof Conversing) {
      end(report.originFailed(cause), String.valueOf(cause.getMessage()), true);
    } else {
      unexpected("origin unavailable");
    }
  }

  void onNegotiationRefused(NegotiationRefused refused) {
    if (state instanceof Negotiating) {
      report.refused(refused.target());
      end(refused.reason(), refused.detail(), true);
    } else {
      unexpected("negotiation refused");
    }
  }

  public void onHello(HelloParse parse) {
    if (!(state instanceof InspectingHello inspecting)) {
      unexpected("hello");
      return;
    }
    device.config().setAutoRead(false);
    negotiationTimer.stop();
    if (parse instanceof HelloParse.Parsed parsed) {
      report.helloReceived(parsed.hello());
      route(inspecting, parsed.hello());
    } else if (parse instanceof HelloParse.NotTls not) {
      String detail = inspecting.expected() + ", got " + not.what();
      report.noDeviceHandshake(HandshakeOutcome.NOT_TLS, detail);
      close(not.plaintext() ? inspecting.withoutTls() : CloseReason.NOT_TLS, detail);
    } else if (parse instanceof HelloParse.Malformed malformed) {
      report.noDeviceHandshake(HandshakeOutcome.PROTOCOL_ERROR, malformed.why());
      refuse(LingeringClose.DECODE_ERROR, CloseReason.MALFORMED_HELLO, malformed.why());
    } else {
      throw new UnhandledVariantException(parse);
    }
  }

  private void route(InspectingHello inspecting, ClientHello hello) {
    RouteStep routeStep = new RouteStep(context, inspecting, hello);
    RouteDecision decision = routeStep.decide();
    report.decided(decision.action());
    if (decision instanceof RouteDecision.Deny deny) {
      refuse(LingeringClose.alertOf(deny), deny.reason(), deny.detail());
    } else {
      begin(routeStep.open(decision, this));
    }
  }

  private void begin(Connecting connecting) {
    state = connecting;
    connecting.setup().start();
  }

  void onDeviceHandshake(SslHandshakeCompletionEvent event) {
    if (state instanceof Connecting connecting && connecting.setup().isHandshaking()) {
      connecting.setup().onDeviceHandshake(event);
    } else {
      unexpected("device handshake");
    }
  }

  @Override
  public void opened(OriginConnection origin) {
    if (!(state instanceof Connecting connecting)) {
      var unused = origin.channel().close();
      unexpected("opened");
      return;
    }
    if (RelayStarter.isBroken(device, origin, this::close)) {
      return;
    }
    MailProtocol mail = connecting.mail();
    Relay relay = RelayStarter.join(context, origin.channel(), mail, this::close);
    state = new Relaying(relay, origin);
    RelayStarter.open(relay, device, origin.channel(), context.services().limits().idleTimeout());
  }

  @Override
  public void originFailed(Throwable cause, boolean deviceAnswered) {
    if (!(state instanceof Connecting connecting)) {
      unexpected("origin failed");
      return;
    }
    CloseReason reason = report.originFailed(cause);
    String detail = String.valueOf(cause.getMessage());
    if (connecting.tellReadyDevice(device, detail)) {
      end(reason, detail, true);
    } else if (deviceAnswered) {
      close(reason, detail);
    } else {
      refuse(LingeringClose.INTERNAL_ERROR, reason, detail);
    }
  }

  @Override
  public void refused(int alert, CloseReason reason, String detail) {
    if (state instanceof Connecting) {
      refuse(alert, reason, detail);
    } else {
      unexpected("refused");
    }
  }

  private void refuse(int alert, CloseReason reason, String detail) {
    LingeringClose.alert(device, alert);
    end(reason, detail, true);
  }

  @Override
  public void ended(CloseReason reason, String detail) {
    if (state instanceof Connecting || state instanceof Relaying) {
      close(reason, detail);
    } else {
      unexpected("ended");
    }
  }

  private void onNegotiationTimeout() {
    if (!(state instanceof Awaiting awaiting)) {
      return;
    }
    Throwable refusal = state.refusal();
    if (refusal != null) {
      originUnavailable(refusal);
      return;
    }
    String why = awaiting.overdue();
    awaiting.sayLast(device, why);
    String detail = why + "; raise limits.negotiationTimeout if the device is only slow";
    if (awaiting instanceof InspectingHello) {
      report.noDeviceHandshake(HandshakeOutcome.TIMEOUT, detail);
    }
    end(CloseReason.NEGOTIATION_TIMEOUT, detail, true);
  }

  void onDeviceGone() {
    Throwable refusal = state.refusal();
    if (refusal != null) {
      close(report.originFailed(refusal), String.valueOf(refusal.getMessage()));
      return;
    }
    boolean spoken = state instanceof Connecting connecting && connecting.setup().isDeviceReady();
    RelayStarter.deviceGone(device, spoken, this::close);
  }

  void onDeviceError(Throwable cause) {
    if (state instanceof Connecting connecting && connecting.setup().isHandshaking()) {
      // The TLS handler reports the same fault as the end of the handshake.
      return;
    }
    if (cause instanceof IOException || TlsFault.of(cause).isPresent()) {
      RelayStarter.tell(this::close, CloseReason.DEVICE_RESET, cause);
    } else {
      close(CloseReason.INTERNAL_ERROR, String.valueOf(cause));
    }
  }

  /** Ends the session after an answer has been written to the device, so that it can be read. */
  @Override
  public void conversationEnded(CloseReason reason, String detail) {
    if (state instanceof Negotiating || state instanceof InspectingHello) {
      unexpected("conversation ended");
    } else {
      end(reason, detail, true);
    }
  }

  /** Ends the session because the proxy ends; a device that is conversed with is told so. */
  public void shutDown() {
    end(
        CloseReason.SHUTDOWN,
        LingeringClose.SHUTDOWN,
        state.sayLast(device, LingeringClose.SHUTDOWN));
  }

  /** Ends the session: both channels, once, with one reason. */
  void close(CloseReason reason, String detail) {
    end(reason, detail, false);
  }

  /**
   * Ends the session for an event that its state does not expect, which is a fault of this program.
   * A closed session ignores all events: some arrive after the end.
   */
  private void unexpected(String event) {
    close(
        CloseReason.INTERNAL_ERROR,
        "report this fault of the program: unexpected event '"
            + event
            + "' in state '"
            + state.getClass().getSimpleName()
            + "'");
  }

  private void end(CloseReason reason, String detail, boolean linger) {
    SessionState last = state;
    if (last instanceof Closed) {
      return;
    }
    state = new Closed();
    negotiationTimer.stop();
    long up = last.bytes(Direction.UP);
    long down = last.bytes(Direction.DOWN);
    last.abandon();
    report.holdings().release();
    if (linger) {
      LingeringClose.linger(device);
    } else {
      var unused = device.close();
    }
    report.closed(reason, detail, up, down, last instanceof Relaying);
  }
}
