package org.tlsuplift.proxy.session;

import io.netty.channel.Channel;
import io.netty.handler.ssl.SslHandshakeCompletionEvent;
import java.net.InetAddress;
import java.time.Duration;
import java.util.Optional;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;
import org.tlsuplift.proxy.context.AcceptMode;
import org.tlsuplift.proxy.context.HandshakeQueue;
import org.tlsuplift.proxy.context.Limits;
import org.tlsuplift.proxy.context.NegotiationTimer;
import org.tlsuplift.proxy.context.SessionContext;
import org.tlsuplift.proxy.context.SessionReport;
import org.tlsuplift.proxy.mail.MailService;
import org.tlsuplift.proxy.mail.MailService.DeviceTls;
import org.tlsuplift.proxy.model.Action;
import org.tlsuplift.proxy.model.Explanation;
import org.tlsuplift.proxy.model.HostPort;
import org.tlsuplift.proxy.model.MailProtocol;
import org.tlsuplift.proxy.negotiate.NegotiationRefused;
import org.tlsuplift.proxy.negotiate.PlainRequest;
import org.tlsuplift.proxy.negotiate.SocksUsers;
import org.tlsuplift.proxy.outcome.CloseReason;
import org.tlsuplift.proxy.outcome.HandshakeOutcome;
import org.tlsuplift.proxy.relay.Relay;
import org.tlsuplift.proxy.session.SessionState.AlertAllowed;
import org.tlsuplift.proxy.session.SessionState.Awaiting;
import org.tlsuplift.proxy.session.SessionState.Connecting;
import org.tlsuplift.proxy.session.SessionState.Conversing;
import org.tlsuplift.proxy.session.SessionState.InspectingHello;
import org.tlsuplift.proxy.session.SessionState.Negotiating;
import org.tlsuplift.proxy.session.SessionState.Queued;
import org.tlsuplift.proxy.session.SessionState.Relaying;
import org.tlsuplift.proxy.session.SessionState.Routed;
import org.tlsuplift.proxy.setup.ForwardSetup;
import org.tlsuplift.proxy.setup.LingeringClose;
import org.tlsuplift.proxy.setup.RelayStarter;
import org.tlsuplift.proxy.setup.Setup;
import org.tlsuplift.proxy.signin.AccountResult;
import org.tlsuplift.proxy.tls.hello.HelloParse;
import org.tlsuplift.proxy.upstream.dial.OriginConnection;
import org.tlsuplift.proxy.upstream.mail.MailOrigin;

/**
 * The session of one device: its connection, the connection to its origin, and their state.
 *
 * <p>All methods run on one event loop. The methods {@code on*} handle events. The session ends
 * once, with one {@link CloseReason}. {@link SessionState} lists the states.
 */
public final class Session implements Setup.Callbacks {
  private final SessionContext context;
  private final Channel device;
  private final SessionReport report;
  private final NegotiationTimer negotiationTimer;
  private final CurrentState state;
  private SocksUsers.@Nullable User user;

  /**
   * Waits for the device's first bytes.
   *
   * @param ended called once, after the end was reported
   */
  public Session(SessionContext context, Runnable ended) {
    this.context = context;
    this.device = context.device();
    this.report = context.report();
    this.negotiationTimer = context.negotiationTimer(this::onNegotiationTimeout);
    this.state = new CurrentState(context, negotiationTimer, ended);
    negotiationTimer.start();
  }

  void onNegotiated(HostPort target) {
    if (state.expect(Negotiating.class, "negotiated") == null) {
      return;
    }
    report.negotiated(target);
    if (context.spec().accept() instanceof AcceptMode.Transparent) {
      report.redirected(target);
    }
    MailService mail = context.spec().mailAt(target);
    if (mail == null || mail.deviceTls() == DeviceTls.IMPLICIT) {
      state.enter(new InspectingHello(target, mail, null));
    } else {
      StartTlsConversation conversation =
          new StartTlsConversation(context, mail, target, negotiationTimer, this);
      state.enter(new Conversing(target, mail, conversation));
      conversation.start();
    }
  }

  void onUser(SocksUsers.User signedIn) {
    user = signedIn;
  }

  void onPlainRequest(PlainRequest request) {
    if (state.expect(Negotiating.class, "plain request") == null) {
      return;
    }
    device.config().setAutoRead(false);
    negotiationTimer.stop();
    report.negotiated(request.target());
    report.decided(Action.FORWARD);
    begin(new Connecting(new ForwardSetup(context, request, this), null));
  }

  /**
   * Waits for the ClientHello of a mail device that starts TLS.
   *
   * @param origin the origin, or null if it is not dialled yet
   */
  void tlsFollows(@Nullable MailOrigin origin) {
    Conversing conversing = state.expect(Conversing.class, "tls follows");
    if (conversing != null) {
      state.enter(new InspectingHello(conversing.target(), conversing.mail(), origin));
      negotiationTimer.start();
    }
  }

  /**
   * Starts the setup of a mail device that stays in plaintext.
   *
   * @param setup creates the setup; called only if the session has not ended
   */
  void plaintextFollows(Supplier<Setup> setup) {
    Conversing conversing = state.expect(Conversing.class, "plaintext follows");
    if (conversing != null) {
      MailProtocol protocol = conversing.mail().protocol();
      report.plaintextAccepted(protocol);
      report.decided(Action.BRIDGE);
      begin(new Connecting(setup.get(), protocol));
    }
  }

  /** Ends the session after a mail device has got a reply that its origin is unavailable. */
  void originUnavailable(Throwable cause) {
    if (state.expect(Conversing.class, "origin unavailable") != null) {
      state.end(report.originFailed(cause), SessionReport.explanation(cause), true);
    }
  }

  void onNegotiationRefused(NegotiationRefused refused) {
    if (state.expect(Negotiating.class, "negotiation refused") != null) {
      report.refused(refused.target());
      state.end(refused.reason(), refused.why(), true);
    }
  }

  public void onHello(HelloParse parse) {
    InspectingHello inspecting = state.expect(InspectingHello.class, "hello");
    if (inspecting == null) {
      return;
    }
    device.config().setAutoRead(false);
    negotiationTimer.stop();
    RouteStep.onHello(context, inspecting, parse, this);
  }

  /**
   * Waits for the device's turn, and then starts the setup with the handshake of the device.
   *
   * @param setup creates the setup, which dials the origin; called only if the session has not
   *     ended
   */
  void queue(InspectingHello inspecting, Supplier<Connecting> setup) {
    HandshakeQueue.Place place =
        context.handshakePlace(
            new HandshakeQueue.Turn() {
              @Override
              public void begin() {
                if (state.expect(Queued.class, "turn") == null) {
                  return;
                }
                Limits limits = context.services().limits();
                if (context.handshakes().isFull(limits)) {
                  // At once, because a session that lingers would keep the next device out.
                  close(CloseReason.SESSION_LIMIT, limits.sessionsInUse());
                } else {
                  Session.this.begin(setup.get());
                }
              }

              @Override
              public void tooLate(Duration waited) {
                refused(
                    LingeringClose.INTERNAL_ERROR,
                    CloseReason.OVERLOADED,
                    Queued.late("no handshake within", waited));
              }
            });
    state.enter(new Queued(inspecting, place));
    place.enter();
    if (place.waits()) {
      // Shows whether the device gives up: nothing else follows the ClientHello.
      device.read();
    }
  }

  void begin(Connecting connecting) {
    state.enter(connecting);
    connecting.setup().start();
  }

  void onDeviceHandshake(SslHandshakeCompletionEvent event) {
    if (state.get() instanceof Connecting connecting && connecting.setup().isHandshaking()) {
      connecting.setup().onDeviceHandshake(event);
    } else {
      state.unexpected("device handshake");
    }
  }

  @Override
  public void opened(OriginConnection origin) {
    Connecting connecting = state.expect(Connecting.class, "opened");
    if (connecting == null) {
      var unused = origin.channel().close();
      return;
    }
    if (RelayStarter.isBroken(device, origin, this::close)) {
      return;
    }
    MailProtocol mail = connecting.mail();
    Relay relay =
        RelayStarter.join(context, origin.channel(), mail, this::close, this::conversationEnded);
    state.enter(new Relaying(relay, origin));
    context.served();
    RelayStarter.open(relay, device, origin.channel(), context.services().limits().idleTimeout());
  }

  @Override
  public void originFailed(Throwable cause, boolean deviceAnswered) {
    Connecting connecting = state.expect(Connecting.class, "origin failed");
    if (connecting == null) {
      return;
    }
    CloseReason reason = report.originFailed(cause);
    Explanation why = SessionReport.explanation(cause);
    if (connecting.tellReadyDevice(device, String.valueOf(cause.getMessage()))) {
      state.end(reason, why, true);
    } else if (deviceAnswered) {
      close(reason, why);
    } else {
      refused(LingeringClose.INTERNAL_ERROR, reason, why);
    }
  }

  @Override
  public void refused(int alert, CloseReason reason, Explanation why) {
    if (state.expect(AlertAllowed.class, "refused") != null) {
      LingeringClose.alert(device, alert);
      state.end(reason, why, true);
    }
  }

  @Override
  public void ended(CloseReason reason, Explanation why) {
    if (state.expect(Routed.class, "ended") != null) {
      close(reason, why);
    }
  }

  private void onNegotiationTimeout() {
    if (!(state.get() instanceof Awaiting awaiting)) {
      return;
    }
    Throwable refusal = state.get().refusal();
    if (refusal != null) {
      originUnavailable(refusal);
      return;
    }
    Explanation why = awaiting.overdue();
    awaiting.sayLast(device, why.cause());
    if (awaiting instanceof InspectingHello) {
      report.noDeviceHandshake(HandshakeOutcome.TIMEOUT, why);
    }
    state.end(CloseReason.NEGOTIATION_TIMEOUT, why, true);
  }

  void onDeviceGone() {
    DisconnectReason.ofClose(state.get(), context, this::close);
  }

  void onDeviceError(Throwable cause) {
    DisconnectReason.ofError(state.get(), context, cause, this::close);
  }

  /** Ends the session after a response to the device, and gives the device time to read it. */
  @Override
  public void conversationEnded(CloseReason reason, Explanation why) {
    if (state.get() instanceof Conversing
        || state.expect(Routed.class, "conversation ended") != null) {
      state.end(reason, why, true);
    }
  }

  /** Ends the session when the daemon shuts down, with a reply to a mail device if possible. */
  public void shutDown() {
    state.end(
        CloseReason.SHUTDOWN,
        Explanation.of(LingeringClose.SHUTDOWN),
        state.get().sayLast(device, LingeringClose.SHUTDOWN));
  }

  /** The name of the device's listener. Thread-safe. */
  public String listener() {
    return context.spec().name();
  }

  /** The device's address. Thread-safe. */
  public InetAddress deviceAddress() {
    return report.device().getAddress();
  }

  /** Whether the device must sign in here with an account. Thread-safe. */
  public boolean needsAccount() {
    return context.spec().signIn() != null;
  }

  /** Ends the session if the device signed in with an account that no longer admits it. */
  public void recheckAccount() {
    AccountResult.Known account = report.account();
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
    state.end(
        CloseReason.ACCESS_REVOKED,
        why,
        state.get().sayLast(device, "this device is no longer allowed to use the proxy"));
  }

  /** Ends the session at once: closes both channels. Later calls have no effect. */
  void close(CloseReason reason, Explanation why) {
    state.end(reason, why, false);
  }
}
