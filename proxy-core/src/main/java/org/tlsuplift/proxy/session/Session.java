package org.tlsuplift.proxy.session;

import io.netty.channel.Channel;
import io.netty.channel.ChannelHandler;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInboundHandlerAdapter;
import io.netty.channel.ChannelPipeline;
import io.netty.handler.ssl.SslHandshakeCompletionEvent;
import io.netty.handler.timeout.IdleStateHandler;
import io.netty.util.ReferenceCountUtil;
import io.netty.util.concurrent.Future;
import java.net.InetAddress;
import java.util.Optional;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;
import org.tlsuplift.proxy.context.HandshakeQueue;
import org.tlsuplift.proxy.context.Limits;
import org.tlsuplift.proxy.context.NegotiationTimer;
import org.tlsuplift.proxy.context.PipelineNames;
import org.tlsuplift.proxy.context.SessionContext;
import org.tlsuplift.proxy.context.SessionReporter;
import org.tlsuplift.proxy.mail.MailService;
import org.tlsuplift.proxy.mail.MailService.DeviceTls;
import org.tlsuplift.proxy.mail.guard.SmtpGuard;
import org.tlsuplift.proxy.model.Action;
import org.tlsuplift.proxy.model.Direction;
import org.tlsuplift.proxy.model.Explanation;
import org.tlsuplift.proxy.model.HostPort;
import org.tlsuplift.proxy.model.MailProtocol;
import org.tlsuplift.proxy.model.SessionSummary;
import org.tlsuplift.proxy.model.UnhandledVariantException;
import org.tlsuplift.proxy.negotiate.AcceptMode;
import org.tlsuplift.proxy.negotiate.Negotiated;
import org.tlsuplift.proxy.negotiate.NegotiationRefused;
import org.tlsuplift.proxy.negotiate.PlainRequest;
import org.tlsuplift.proxy.negotiate.SocksUsers;
import org.tlsuplift.proxy.outcome.CloseReason;
import org.tlsuplift.proxy.outcome.HandshakeOutcome;
import org.tlsuplift.proxy.relay.AbruptClose;
import org.tlsuplift.proxy.relay.HoldingHandler;
import org.tlsuplift.proxy.relay.Relay;
import org.tlsuplift.proxy.route.RouteDecision;
import org.tlsuplift.proxy.session.SessionState.AlertAllowed;
import org.tlsuplift.proxy.session.SessionState.Awaiting;
import org.tlsuplift.proxy.session.SessionState.Closed;
import org.tlsuplift.proxy.session.SessionState.Connecting;
import org.tlsuplift.proxy.session.SessionState.Conversing;
import org.tlsuplift.proxy.session.SessionState.InspectingHello;
import org.tlsuplift.proxy.session.SessionState.Negotiating;
import org.tlsuplift.proxy.session.SessionState.Queued;
import org.tlsuplift.proxy.session.SessionState.Relaying;
import org.tlsuplift.proxy.session.SessionState.Routed;
import org.tlsuplift.proxy.setup.ForwardSetup;
import org.tlsuplift.proxy.setup.LingeringClose;
import org.tlsuplift.proxy.setup.MailHandlers;
import org.tlsuplift.proxy.setup.Setup;
import org.tlsuplift.proxy.signin.AccountResult;
import org.tlsuplift.proxy.tls.hello.HelloParse;
import org.tlsuplift.proxy.upstream.MailOrigin;
import org.tlsuplift.proxy.upstream.dial.OriginConnection;
import org.tlsuplift.proxy.upstream.dial.UpstreamInitializer;

/**
 * The session of one device: its connection, the connection to its origin, and their state.
 *
 * <p>All methods run on one event loop. The methods {@code on*} handle events, each in the states
 * in which it may happen; in another state it ends the session with an internal error. The session
 * ends once, with one {@link CloseReason}. {@link SessionState} lists the states.
 */
public final class Session {
  static final Explanation LOOP =
      Explanation.of(
          "the packet filter redirected the proxy's own connection back to it",
          "exempt the proxy's traffic from the nft rule, as config/nftables does");

  private final SessionContext context;
  private final Channel device;
  private final SessionReporter report;
  private final NegotiationTimer negotiationTimer;
  private final Runnable onEnd;
  private SessionState state = new Negotiating();
  private SocksUsers.@Nullable User user;

  /**
   * Creates a session that {@link #events} starts.
   *
   * @param onEnd called once, after the end was reported
   */
  public Session(SessionContext context, Runnable onEnd) {
    this.context = context;
    this.device = context.device();
    this.report = context.report();
    this.onEnd = onEnd;
    this.negotiationTimer = context.negotiationTimer(this::onNegotiationTimeout);
  }

  /**
   * The last handler of the device's pipeline. It passes events to the session until the relay
   * starts, and starts the session when it is added.
   */
  public ChannelHandler events() {
    return new Events();
  }

  private final class Events extends ChannelInboundHandlerAdapter {
    @Override
    public void handlerAdded(ChannelHandlerContext ctx) {
      negotiationTimer.start();
    }

    @Override
    public void userEventTriggered(ChannelHandlerContext ctx, Object event) {
      if (event instanceof SocksUsers.User signedIn) {
        user = signedIn;
      } else if (event instanceof Negotiated negotiated) {
        onNegotiated(negotiated.target());
      } else if (event instanceof PlainRequest request) {
        onPlainRequest(request);
      } else if (event instanceof NegotiationRefused refused) {
        onNegotiationRefused(refused);
      } else if (event instanceof HelloParse parse) {
        onHello(parse);
      } else if (event instanceof SslHandshakeCompletionEvent handshake) {
        onDeviceHandshake(handshake);
      }
    }

    @Override
    public void channelRead(ChannelHandlerContext ctx, Object message) {
      // Bytes reach this handler only after the session has ended.
      ReferenceCountUtil.release(message);
    }

    @Override
    public void channelInactive(ChannelHandlerContext ctx) {
      onDeviceGone();
    }

    @Override
    public void exceptionCaught(ChannelHandlerContext ctx, Throwable cause) {
      onDeviceError(cause);
    }
  }

  void onNegotiated(HostPort target) {
    if (expect(Negotiating.class, "negotiated") == null) {
      return;
    }
    report.negotiated(target);
    if (context.isRedirected()) {
      context.facts().redirected(target);
    }
    MailService mail = context.spec().mailAt(target);
    if (mail == null || mail.deviceTls() == DeviceTls.IMPLICIT) {
      state = new InspectingHello(target, mail, null);
    } else {
      StartTlsConversation conversation =
          new StartTlsConversation(context, mail, target, negotiationTimer, this);
      state = new Conversing(target, mail, conversation);
      conversation.start();
    }
  }

  void onPlainRequest(PlainRequest request) {
    if (expect(Negotiating.class, "plain request") == null) {
      return;
    }
    stopReading();
    report.negotiated(request.target());
    report.decided(Action.FORWARD);
    begin(new Connecting(new ForwardSetup(context, request), null));
  }

  /**
   * Waits for the ClientHello of a mail device that starts TLS.
   *
   * @param origin the origin, or null if it is not dialled yet
   */
  void tlsFollows(@Nullable MailOrigin origin) {
    Conversing conversing = expect(Conversing.class, "tls follows");
    if (conversing != null) {
      state = new InspectingHello(conversing.target(), conversing.mail(), origin);
      negotiationTimer.start();
    }
  }

  /** Starts the setup of a mail device that stays in plaintext. */
  void plaintextFollows(Setup setup) {
    Conversing conversing = expect(Conversing.class, "plaintext follows");
    if (conversing != null) {
      MailProtocol protocol = conversing.mail().protocol();
      report.plaintextAccepted(protocol);
      report.decided(Action.BRIDGE);
      begin(new Connecting(setup, protocol));
    }
  }

  /** Ends the session after a mail device has got a reply that its origin is unavailable. */
  void originUnavailable(Throwable cause) {
    if (expect(Conversing.class, "origin unavailable") != null) {
      // A route lets the device reach the mail origin, so this is no refusal.
      report.decided(Action.BRIDGE);
      end(report.originFailed(cause), SessionReporter.explanation(cause), true);
    }
  }

  void onNegotiationRefused(NegotiationRefused refused) {
    if (expect(Negotiating.class, "negotiation refused") != null) {
      context.facts().refused(refused.target());
      end(refused.reason(), refused.why(), true);
    }
  }

  void onHello(HelloParse parse) {
    InspectingHello inspecting = expect(InspectingHello.class, "hello");
    if (inspecting == null) {
      return;
    }
    stopReading();
    if (parse instanceof HelloParse.Parsed parsed) {
      report.helloReceived(parsed.hello());
      route(Routing.of(context, inspecting, parsed.hello()));
    } else if (parse instanceof HelloParse.NotTls not) {
      Explanation why = Explanation.of("got " + not.what() + "; " + inspecting.expected());
      report.noDeviceHandshake(HandshakeOutcome.NOT_TLS, why);
      close(not.plaintext() ? inspecting.withoutTls() : CloseReason.NOT_TLS, why);
    } else if (parse instanceof HelloParse.Malformed malformed) {
      Explanation why = Explanation.of(malformed.why());
      report.noDeviceHandshake(HandshakeOutcome.PROTOCOL_ERROR, why);
      refused(
          malformed.unexpected() ? LingeringClose.UNEXPECTED_MESSAGE : LingeringClose.DECODE_ERROR,
          CloseReason.MALFORMED_HELLO,
          why);
    } else {
      throw new UnhandledVariantException(parse);
    }
  }

  private void stopReading() {
    device.config().setAutoRead(false);
    negotiationTimer.stop();
  }

  /** Starts the setup that the route requires, or refuses the device. */
  private void route(Routing routing) {
    if (context.isRedirected()) {
      report.negotiated(routing.inspecting().target());
    }
    RouteDecision decision = decide(routing);
    report.decided(decision.action());
    if (decision instanceof RouteDecision.Deny deny) {
      refused(LingeringClose.alertOf(deny), deny.reason(), deny.why());
    } else if (decision instanceof RouteDecision.Bridge bridge) {
      queue(routing.inspecting(), routing.bridge(bridge, this::conversationEnded));
    } else {
      begin(routing.tunnel((RouteDecision.Tunnel) decision, this::ended));
    }
  }

  private RouteDecision decide(Routing routing) {
    if (context.isLoop()) {
      return new RouteDecision.Deny(CloseReason.LOOP, LOOP);
    }
    RouteDecision decision = routing.decide();
    // Checked before the private key operation, the main cost of a handshake. A tunnel needs none.
    return decision instanceof RouteDecision.Bridge
            && !context.services().handshakes().admits(context.address())
        ? new RouteDecision.Deny(
            CloseReason.DEVICE_HANDSHAKE_LIMIT, context.services().handshakes().refusal())
        : decision;
  }

  /** Waits for the device's turn to begin its handshake. */
  private void queue(InspectingHello inspecting, Connecting next) {
    HandshakeQueue.Place place = context.handshakePlace(this::onTurn);
    state = new Queued(inspecting, place, next);
    place.enter();
    if (place.waits()) {
      // Shows whether the device gives up: nothing else follows the ClientHello.
      device.read();
    }
  }

  private void onTurn() {
    Queued queued = expect(Queued.class, "turn");
    if (queued == null) {
      return;
    }
    Limits limits = context.services().limits();
    if (queued.place().isTooLate()) {
      refused(LingeringClose.INTERNAL_ERROR, CloseReason.OVERLOADED, queued.tooLate());
    } else if (context.handshakes().isFull(limits)) {
      // At once, because a session that lingers would keep the next device out.
      close(CloseReason.SESSION_LIMIT, limits.sessionsInUse());
    } else {
      begin(queued.next());
    }
  }

  private void begin(Connecting connecting) {
    state = connecting;
    Future<Setup.Result> result = connecting.setup().start();
    result.addListener(
        done -> {
          if (done.isSuccess()) {
            onResult(result.getNow());
          }
        });
  }

  private void onResult(Setup.Result result) {
    if (result instanceof Setup.Result.Opened ready) {
      opened(ready.origin());
    } else if (result instanceof Setup.Result.OriginFailed failed) {
      originFailed(failed.cause(), failed.deviceAnswered());
    } else if (result instanceof Setup.Result.Refused refused) {
      refused(refused.alert(), refused.reason(), refused.why());
    } else if (result instanceof Setup.Result.Ended end) {
      if (end.deviceAnswered()) {
        conversationEnded(end.reason(), end.why());
      } else {
        ended(end.reason(), end.why());
      }
    } else {
      throw new UnhandledVariantException(result);
    }
  }

  void onDeviceHandshake(SslHandshakeCompletionEvent event) {
    if (state instanceof Connecting connecting && connecting.setup().isHandshaking()) {
      connecting.setup().onDeviceHandshake(event);
    } else {
      unexpected("device handshake");
    }
  }

  /** Starts the relay. Its last handler takes the place of {@link Events}. */
  void opened(OriginConnection origin) {
    Connecting connecting = expect(Connecting.class, "opened");
    if (connecting == null) {
      var unused = origin.channel().close();
    } else if (!device.isActive()) {
      onDisconnect(Disconnect.of(CloseReason.DEVICE_RESET, null));
    } else if (!origin.channel().isActive()) {
      onDisconnect(Disconnect.of(CloseReason.ORIGIN_RESET, origin.failure()));
    } else {
      Relay relay = Relay.join(device, origin.channel(), report.observer());
      relay.end().addListener(done -> onRelayEnd(relay.end().getNow()));
      MailProtocol mail = connecting.mail();
      SmtpGuard guard =
          mail == null
              ? null
              : MailHandlers.add(context, origin.channel(), mail, this::conversationEnded);
      state = new Relaying(relay, origin, guard);
      context.served();
      long idle = context.services().limits().idleTimeout().toMillis();
      ChannelPipeline pipeline = device.pipeline();
      pipeline.addBefore(
          Relay.HANDLER,
          PipelineNames.IDLE,
          new IdleStateHandler(true, 0, 0, idle, TimeUnit.MILLISECONDS));
      pipeline.remove(PipelineNames.EVENTS);
      // These pass the held bytes to the relay.
      pipeline.remove(PipelineNames.HOLD);
      origin.channel().pipeline().remove(UpstreamInitializer.HOLD);
      relay.start();
    }
  }

  private void onRelayEnd(Relay.End end) {
    onDisconnect(Disconnect.of(end.reason(), end.cause()));
  }

  void originFailed(Throwable cause, boolean deviceAnswered) {
    Connecting connecting = expect(Connecting.class, "origin failed");
    if (connecting == null) {
      return;
    }
    CloseReason reason = report.originFailed(cause);
    Explanation why = SessionReporter.explanation(cause);
    if (connecting.sendFailureIfReady(device, String.valueOf(cause.getMessage()))) {
      end(reason, why, true);
    } else if (deviceAnswered) {
      close(reason, why);
    } else {
      refused(LingeringClose.INTERNAL_ERROR, reason, why);
    }
  }

  /**
   * Refuses the device with a TLS alert, before its handshake.
   *
   * @param alert the description of the alert (RFC 8446 section 6)
   */
  void refused(int alert, CloseReason reason, Explanation why) {
    if (expect(AlertAllowed.class, "refused") != null) {
      LingeringClose.alert(device, alert);
      end(reason, why, true);
    }
  }

  /** Ends the session of a routed device without a response. */
  void ended(CloseReason reason, Explanation why) {
    if (expect(Routed.class, "ended") != null) {
      close(reason, why);
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
    Explanation why = awaiting.overdue();
    awaiting.sendLastReply(device, why.cause());
    if (awaiting instanceof InspectingHello) {
      report.noDeviceHandshake(HandshakeOutcome.TIMEOUT, why);
    }
    end(CloseReason.NEGOTIATION_TIMEOUT, why, true);
  }

  void onDeviceGone() {
    Throwable refusal = state.refusal();
    if (refusal != null) {
      close(report.originFailed(refusal), SessionReporter.explanation(refusal));
      return;
    }
    HoldingHandler hold = device.pipeline().get(HoldingHandler.class);
    onDisconnect(
        Disconnect.ofClose(state, context.facts().elapsed(), hold == null ? null : hold.failure()));
  }

  void onDeviceError(Throwable cause) {
    if (state instanceof Connecting connecting && connecting.setup().isHandshaking()) {
      // The TLS handler reports the same fault as the end of the handshake.
      return;
    }
    onDisconnect(Disconnect.ofError(state, context.facts().elapsed(), cause));
  }

  private void onDisconnect(Disconnect disconnect) {
    close(disconnect.reason(), disconnect.why());
  }

  /** Ends the session after a response to the device, and gives the device time to read it. */
  void conversationEnded(CloseReason reason, Explanation why) {
    if (state instanceof Conversing || expect(Routed.class, "conversation ended") != null) {
      end(reason, why, true);
    }
  }

  /** Ends the session when the daemon shuts down, with a reply to a mail device if possible. */
  public void shutDown() {
    end(
        CloseReason.SHUTDOWN,
        Explanation.of(LingeringClose.SHUTDOWN),
        state.sendLastReply(device, LingeringClose.SHUTDOWN));
  }

  /** The name of the device's listener. Thread-safe. */
  public String listener() {
    return context.spec().name();
  }

  /** The device's address. Thread-safe. */
  public InetAddress deviceAddress() {
    return context.address();
  }

  /** Whether the device must sign in here with an account. Thread-safe. */
  public boolean needsAccount() {
    return context.spec().mail().signIn() != null;
  }

  /** Ends the session if the device signed in with an account that no longer admits it. */
  public void recheckAccount() {
    AccountResult.Known account = context.facts().account();
    if (account != null && !account.standing().holds()) {
      revoke(Explanation.of(account.revoked()));
    }
  }

  /**
   * Why a changed listener does not admit the SOCKS user of this session; empty if it does. A
   * device that has not signed in yet is refused if any user was removed or changed.
   *
   * @param now the way in which the listener gets the target now, with its users
   */
  public Optional<Explanation> userRefusal(AcceptMode now) {
    boolean refused =
        context.spec().accept() instanceof AcceptMode.Socks before
            && now instanceof AcceptMode.Socks socks
            && !(user == null ? socks.users().includes(before.users()) : user.isIn(socks.users()));
    return refused
        ? Optional.of(
            Explanation.of(
                "its SOCKS user was removed or changed", "add the user to 'users' of the listener"))
        : Optional.empty();
  }

  /**
   * Ends the session because the device may no longer use this proxy, with a reply to a mail device
   * if possible.
   */
  public void revoke(Explanation why) {
    end(
        CloseReason.ACCESS_REVOKED,
        why,
        state.sendLastReply(device, "this device is no longer allowed to use the proxy"));
  }

  /**
   * Returns the state if it has the type in which the event may happen. Otherwise ends the session
   * with an internal error and returns null.
   *
   * <p>A closed session ignores the event, because some events arrive after the end.
   */
  private <S extends SessionState> @Nullable S expect(Class<S> expected, String event) {
    if (expected.isInstance(state)) {
      return expected.cast(state);
    }
    unexpected(event);
    return null;
  }

  /** Ends the session because the event is not legal in this state. */
  private void unexpected(String event) {
    close(
        CloseReason.INTERNAL_ERROR,
        Explanation.of(
            "unexpected event '%s' in state '%s'"
                .formatted(event, state.getClass().getSimpleName())));
  }

  /** Ends the session at once: closes both channels. Later calls have no effect. */
  void close(CloseReason reason, Explanation why) {
    end(reason, why, false);
  }

  /**
   * Closes both connections, releases what the session holds and reports the end. Later calls have
   * no effect.
   *
   * @param linger whether the device gets time to read the last response
   */
  private void end(CloseReason reason, Explanation why, boolean linger) {
    SessionState last = state;
    if (last instanceof Closed) {
      return;
    }
    state = new Closed();
    negotiationTimer.stop();
    long up = last.bytes(Direction.UP);
    long down = last.bytes(Direction.DOWN);
    last.abandon();
    context.holdings().release();
    if (linger) {
      LingeringClose.linger(device);
    } else if (!(last instanceof Relaying) && reason.isEndOfDevice()) {
      var unused = device.close();
    } else {
      // The relay has sent each close_notify that a peer sent. All other streams are cut.
      AbruptClose.close(device);
    }
    SessionSummary summary = report.closed(reason, why, up, down, last instanceof Relaying);
    context.services().ecRefusals().refused(context.address(), summary.refusedKey());
    onEnd.run();
  }
}
