package org.tlsuplift.proxy.setup;

import io.netty.handler.ssl.SslHandshakeCompletionEvent;
import io.netty.util.concurrent.Future;
import io.netty.util.concurrent.Promise;
import java.util.List;
import java.util.function.Function;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;
import org.tlsuplift.proxy.context.MailDestination;
import org.tlsuplift.proxy.context.NegotiationTimer;
import org.tlsuplift.proxy.context.PipelineNames;
import org.tlsuplift.proxy.context.SessionContext;
import org.tlsuplift.proxy.mail.DeviceDialect;
import org.tlsuplift.proxy.mail.MailService;
import org.tlsuplift.proxy.mail.guard.GuardedCapabilities;
import org.tlsuplift.proxy.mail.guard.GuardedMailbox;
import org.tlsuplift.proxy.mail.guard.SmtpGuard;
import org.tlsuplift.proxy.model.Explanation;
import org.tlsuplift.proxy.model.HostPort;
import org.tlsuplift.proxy.model.MailProtocol;
import org.tlsuplift.proxy.model.Permit;
import org.tlsuplift.proxy.outcome.CloseReason;
import org.tlsuplift.proxy.route.RouteDecision;
import org.tlsuplift.proxy.signin.AccountResult;
import org.tlsuplift.proxy.signin.Credential;
import org.tlsuplift.proxy.signin.MailAccount;
import org.tlsuplift.proxy.signin.SignIn;
import org.tlsuplift.proxy.signin.dialogue.SignInDialogue;
import org.tlsuplift.proxy.upstream.OriginSignInResult;
import org.tlsuplift.proxy.upstream.dial.OriginConnection;

/**
 * Lets a device sign in to the proxy, after its TLS handshake or in plaintext, then dials the
 * origin and signs the device in there.
 *
 * <p>Wraps the setup that prepares the device side, and passes the origin to it.
 */
public final class SignInSetup implements Setup, SignInDialogue.Callbacks, SignInAttempt.Callbacks {
  /**
   * How a device signs in, and its origin.
   *
   * @param greeted whether the device has already got a greeting
   */
  public record Plan(
      SignIn signIn,
      MailService mail,
      HostPort target,
      RouteDecision.Bridge bridge,
      boolean greeted) {}

  private static final int MAX_TRIES = 3;
  private static final int MAX_COMMANDS = 64;

  private final Plan plan;
  private final SessionContext context;
  private final Ending ending;
  private final Promise<OriginConnection> origin;
  private final Setup termination;
  private final Promise<Result> result;
  private final NegotiationTimer timer;
  private @Nullable SignInDialogue dialogue;
  private @Nullable SignInAttempt attempt;
  private SignInAttempt.@Nullable Failure failure;
  private @Nullable SmtpGuard guard;
  private boolean authenticated;
  private int tries;
  private int commands;

  /**
   * Creates a setup that {@link #start} starts.
   *
   * @param termination creates the setup that prepares the device side and waits for the origin of
   *     the given dial
   * @param ending ends the session after the last reply of its guard
   */
  public SignInSetup(
      Plan plan, SessionContext context, Function<Dial, Setup> termination, Ending ending) {
    this.plan = plan;
    this.context = context;
    this.ending = ending;
    this.origin = context.device().eventLoop().newPromise();
    this.termination = termination.apply(() -> origin);
    this.result = context.device().eventLoop().newPromise();
    this.timer = context.negotiationTimer(this::onTimeout);
  }

  /** Creates the setup of a device that stays in plaintext and has got its greeting. */
  public static SignInSetup inPlaintext(Plan plan, SessionContext context, Ending ending) {
    return new SignInSetup(plan, context, dial -> new PlaintextSetup(context, dial), ending);
  }

  @Override
  public Future<Result> start() {
    Future<Result> terminated = termination.start();
    terminated.addListener(
        done -> {
          if (terminated.isSuccess()) {
            result.trySuccess(terminated.getNow());
          }
        });
    converseWhenReady();
    return result;
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
            offered(),
            plan.greeted() ? "" : dialect().greeting(host),
            this);
    timer.start();
    context.device().pipeline().addBefore(PipelineNames.HOLD, PipelineNames.SIGN_IN, dialogue);
  }

  private List<String> offered() {
    List<String> all = MailHandlers.capabilities(context, plan.mail().protocol());
    return plan.mail().protocol() == MailProtocol.SMTP
        ? GuardedCapabilities.limited(all, context.spec().mail().rules())
        : all;
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
    context.report().introduced(line);
    onAnswered();
  }

  @Override
  public void onCredential(@Nullable Credential credential) {
    timer.stop();
    authenticated = credential != null;
    attempt = new SignInAttempt(plan, context, credential, this);
    attempt.start();
  }

  @Override
  public void signedIn(
      AccountResult.Known known, Permit permit, OriginSignInResult.SignedIn answer) {
    answer.connection().channel().closeFuture().addListener(closed -> permit.end());
    context.services().learntCapabilities().learn(context.spec().name(), answer.capabilities());
    opened(known, answer.reply(), answer.connection());
  }

  @Override
  public void signedInHere(AccountResult.Known known) {
    opened(known, List.of(), null);
  }

  private void opened(
      AccountResult.Known known, List<String> reply, @Nullable OriginConnection live) {
    MailDestination.SignedIn device =
        new MailDestination.SignedIn(
            plan.target().host(), known.account().mailbox(), authenticated, messagesOf(known));
    OriginConnection connection = destination().signedIn(context, device, live);
    attempt = null;
    context.facts().account(known);
    if (plan.mail().protocol() == MailProtocol.SMTP) {
      // Before the reply: the guard must also check commands that came together with the sign-in.
      guard = MailHandlers.guard(context, guarded(known), ending);
      context.device().pipeline().addAfter(PipelineNames.SIGN_IN, PipelineNames.GUARD, guard);
    }
    dialogue().accept(reply);
    // The reply may end the session, because it releases further commands of the device.
    origin.trySuccess(connection);
  }

  private GuardedMailbox guarded(AccountResult.Known known) {
    MailAccount account = known.account();
    return new GuardedMailbox(
        account.mailbox(), account.allowedSenders(), destination().permits(messagesOf(known)));
  }

  private MailDestination destination() {
    return context.spec().mail().destination();
  }

  private static Supplier<Permit> messagesOf(AccountResult.Known known) {
    return () -> known.access().permits().message(known.account().mailbox());
  }

  @Override
  public void failed(SignInAttempt.Failure failed) {
    attempt = null;
    failure = failed;
    if (++tries < MAX_TRIES) {
      timer.start();
      dialogue().refuse(failed.outcome());
    } else {
      dialogue().refuseLast(failed.outcome(), dialect().closing("too many failed sign-ins"));
      endAfterReply(failed.reason(), failed.why());
    }
  }

  @Override
  public void onLeft() {
    endAfterReply(reason(CloseReason.DEVICE_CLOSED), why(""));
  }

  @Override
  public void onGone() {
    boolean unused = context.facts().hasDeviceHandshake() && !dialogue().hasSpoken();
    CloseReason reason =
        reason(unused ? CloseReason.DEVICE_CLOSED_UNUSED : CloseReason.DEVICE_CLOSED);
    result.trySuccess(new Result.Ended(reason, why(""), false));
  }

  @Override
  public void onBroken(String why) {
    dialogue().sendLastReply(dialect().closing(why));
    endAfterReply(
        CloseReason.NEGOTIATION_REFUSED,
        Explanation.of("the device violates the protocol: " + why));
  }

  @Override
  public boolean sendLastReply(String why) {
    if (dialogue == null) {
      return false;
    }
    dialogue.sendLastReply(dialect().closing(why));
    return true;
  }

  private void onTimeout() {
    String why = "no complete command in time";
    sendLastReply(why);
    endAfterReply(reason(CloseReason.NEGOTIATION_TIMEOUT), why(why));
  }

  private void endAfterReply(CloseReason reason, Explanation why) {
    result.trySuccess(new Result.Ended(reason, why, true));
  }

  /** The reason of the latest failed sign-in, if there was one. */
  private CloseReason reason(CloseReason otherwise) {
    return failure == null ? otherwise : failure.reason();
  }

  private Explanation why(String otherwise) {
    return failure == null ? Explanation.of(otherwise) : failure.why();
  }

  private DeviceDialect dialect() {
    return DeviceDialect.of(plan.mail().protocol());
  }

  private SignInDialogue dialogue() {
    if (dialogue == null) {
      throw new IllegalStateException("the sign-in dialogue has not started");
    }
    return dialogue;
  }

  @Override
  public boolean isHandshaking() {
    return termination.isHandshaking();
  }

  /** Always false: the device waits for the reply to its sign-in, not only for the origin. */
  @Override
  public boolean isDeviceReady() {
    return false;
  }

  @Override
  public void abandon() {
    result.cancel(false);
    timer.stop();
    if (attempt != null) {
      attempt.abandon();
      attempt = null;
    }
    termination.abandon();
    if (guard != null) {
      guard.sessionEnds();
    }
  }
}
