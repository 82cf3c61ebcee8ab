package org.tlsuplift.proxy.setup.signin;

import io.netty.channel.Channel;
import io.netty.handler.ssl.SslHandshakeCompletionEvent;
import io.netty.util.concurrent.Future;
import io.netty.util.concurrent.Promise;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;
import org.tlsuplift.proxy.context.ListenerSpec;
import org.tlsuplift.proxy.context.NegotiationTimer;
import org.tlsuplift.proxy.context.PipelineNames;
import org.tlsuplift.proxy.context.SessionReport;
import org.tlsuplift.proxy.context.SessionServices;
import org.tlsuplift.proxy.mail.DeviceDialect;
import org.tlsuplift.proxy.mail.MailService;
import org.tlsuplift.proxy.model.CloseReason;
import org.tlsuplift.proxy.model.HostPort;
import org.tlsuplift.proxy.model.MailProtocol;
import org.tlsuplift.proxy.model.UnhandledVariantException;
import org.tlsuplift.proxy.route.RouteDecision;
import org.tlsuplift.proxy.setup.PlaintextSetup;
import org.tlsuplift.proxy.setup.Setup;
import org.tlsuplift.proxy.signin.Credential;
import org.tlsuplift.proxy.signin.SignIn;
import org.tlsuplift.proxy.signin.dialogue.DeviceCapabilities;
import org.tlsuplift.proxy.signin.dialogue.SignInCallbacks;
import org.tlsuplift.proxy.signin.dialogue.SignInDialogue;
import org.tlsuplift.proxy.signin.guard.SmtpGuard;
import org.tlsuplift.proxy.upstream.dial.OriginConnection;
import org.tlsuplift.proxy.upstream.mail.OriginSignInResult;

/**
 * Talks with a device that has come to TLS, or needs none, until it has signed in, and signs it in
 * at the origin, which nobody dials before that.
 *
 * <p>It stands around the setup that readies the device's side, and brings that the origin.
 */
public final class SignInSetup implements Setup, SignInCallbacks {
  /** How a device's sign-in is to be taken. */
  public record Plan(
      SignIn signIn,
      MailService mail,
      HostPort target,
      RouteDecision.Bridge bridge,
      boolean greeted) {}

  private static final int MAX_TRIES = 3;
  private static final int MAX_COMMANDS = 64;

  private final Plan plan;
  private final ListenerSpec spec;
  private final SessionServices services;
  private final Channel device;
  private final SessionReport report;
  private final Callbacks callbacks;
  private final Promise<OriginConnection> origin;
  private final Setup termination;
  private final NegotiationTimer timer;
  private @Nullable SignInDialogue dialogue;
  private @Nullable SignInAttempt attempt;
  private SignInResult.@Nullable Failed failure;
  private int tries;
  private int commands;

  /**
   * Nothing is said before {@link #start}.
   *
   * @param termination makes what readies the device's side and then waits for this origin
   */
  public SignInSetup(
      Plan plan,
      ListenerSpec spec,
      SessionServices services,
      Channel device,
      SessionReport report,
      Function<Future<OriginConnection>, Setup> termination,
      Callbacks callbacks) {
    this.plan = plan;
    this.spec = spec;
    this.services = services;
    this.device = device;
    this.report = report;
    this.callbacks = callbacks;
    this.origin = device.eventLoop().newPromise();
    this.termination = termination.apply(origin);
    this.timer =
        new NegotiationTimer(
            device.eventLoop(), services.limits().negotiationTimeout(), this::onTimeout);
  }

  /** For a device that never encrypts, and has been greeted. */
  public static SignInSetup inPlaintext(
      Plan plan,
      ListenerSpec spec,
      SessionServices services,
      Channel device,
      SessionReport report,
      Callbacks callbacks) {
    return new SignInSetup(
        plan,
        spec,
        services,
        device,
        report,
        origin -> new PlaintextSetup(device, report, origin, callbacks),
        callbacks);
  }

  @Override
  public void start() {
    termination.start();
    converseWhenReady();
  }

  @Override
  public void onDeviceHandshake(SslHandshakeCompletionEvent event) {
    termination.onDeviceHandshake(event);
    converseWhenReady();
  }

  private void converseWhenReady() {
    if (!termination.isDeviceReady() || dialogue != null) {
      return;
    }
    String host = plan.target().host();
    dialogue =
        new SignInDialogue(
            plan.mail().protocol(),
            host,
            DeviceCapabilities.of(
                plan.mail().protocol(), services.learntCapabilities().of(spec.name())),
            plan.greeted() ? "" : dialect().greeting(host),
            this);
    timer.start();
    device.pipeline().addBefore(PipelineNames.HOLD, PipelineNames.SIGN_IN, dialogue);
  }

  @Override
  public void onAnswered() {
    commands++;
    if (commands > MAX_COMMANDS) {
      onBroken("more than " + MAX_COMMANDS + " commands before signing in");
    } else {
      timer.start();
    }
  }

  @Override
  public void onIntroduced(String line) {
    report.introduced(line);
    onAnswered();
  }

  @Override
  public void onCredential(Credential credential) {
    begin(credential);
  }

  @Override
  public void onUnasked() {
    begin(null);
  }

  private void begin(@Nullable Credential credential) {
    timer.stop();
    attempt =
        new SignInAttempt(plan, spec.name(), services, device, report, credential, this::onEnd);
    attempt.start();
  }

  private void onEnd(SignInResult end) {
    attempt = null;
    if (end instanceof SignInResult.Granted granted) {
      granted(granted);
    } else if (end instanceof SignInResult.Failed failed) {
      refused(failed);
    } else {
      throw new UnhandledVariantException(end);
    }
  }

  private void granted(SignInResult.Granted granted) {
    OriginSignInResult.SignedIn answer = granted.origin();
    answer.connection().channel().closeFuture().addListener(closed -> granted.permit().end());
    services.learntCapabilities().learn(spec.name(), answer.capabilities());
    if (plan.mail().protocol() == MailProtocol.SMTP) {
      // Before the device is told: what it has sent behind its sign-in goes through the guard too.
      device
          .pipeline()
          .addAfter(
              PipelineNames.SIGN_IN,
              PipelineNames.GUARD,
              new SmtpGuard(
                  granted.account(),
                  plan.signIn().keeper(),
                  new GuardReport(report, granted.account().mailbox(), callbacks)));
    }
    dialogue().accept(answer.reply());
    // What the device sent with its sign-in may have ended the session meanwhile.
    origin.trySuccess(answer.connection());
  }

  private void refused(SignInResult.Failed failed) {
    failure = failed;
    if (++tries < MAX_TRIES) {
      timer.start();
      dialogue().refuse(failed.outcome());
    } else {
      dialogue().refuseLast(failed.outcome(), dialect().closing("too many failed sign-ins"));
      callbacks.conversationEnded(failed.reason(), failed.detail());
    }
  }

  @Override
  public void onLeft() {
    callbacks.conversationEnded(reason(CloseReason.DEVICE_CLOSED), detail(""));
  }

  @Override
  public void onGone() {
    callbacks.ended(reason(CloseReason.DEVICE_CLOSED), detail(""));
  }

  @Override
  public void onBroken(String why) {
    dialogue().sayLast(dialect().closing(why));
    callbacks.conversationEnded(
        CloseReason.NEGOTIATION_REFUSED, "the device breaks the protocol: " + why);
  }

  /** Tells the device why it is left, if it can be told yet. */
  @Override
  public boolean sayLast(String why) {
    if (dialogue == null) {
      return false;
    }
    dialogue.sayLast(dialect().closing(why));
    return true;
  }

  private void onTimeout() {
    String why = "no complete command in time";
    sayLast(why);
    callbacks.conversationEnded(reason(CloseReason.NEGOTIATION_TIMEOUT), detail(why));
  }

  /** The session ends as its latest sign-in did, if there was one. */
  private CloseReason reason(CloseReason otherwise) {
    return failure == null ? otherwise : failure.reason();
  }

  private String detail(String otherwise) {
    return failure == null ? otherwise : failure.detail();
  }

  private DeviceDialect dialect() {
    return DeviceDialect.of(plan.mail().protocol());
  }

  private SignInDialogue dialogue() {
    if (dialogue == null) {
      throw new IllegalStateException("the device has yet to come to TLS");
    }
    return dialogue;
  }

  @Override
  public boolean isHandshaking() {
    return termination.isHandshaking();
  }

  /** The device waits for its own sign-in, and is answered by it. */
  @Override
  public boolean isDeviceReady() {
    return false;
  }

  @Override
  public void abandon() {
    timer.stop();
    if (attempt != null) {
      attempt.abandon();
      attempt = null;
    }
    termination.abandon();
  }
}
