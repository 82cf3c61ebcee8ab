package org.tlsuplift.proxy.setup.signin;

import io.netty.util.concurrent.Future;
import java.time.Duration;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;
import org.tlsuplift.proxy.context.SessionContext;
import org.tlsuplift.proxy.context.SessionReport;
import org.tlsuplift.proxy.model.CloseReason;
import org.tlsuplift.proxy.model.DeviceSignIn;
import org.tlsuplift.proxy.model.Explanation;
import org.tlsuplift.proxy.model.MailProtocol;
import org.tlsuplift.proxy.model.SignInOutcome;
import org.tlsuplift.proxy.model.UnhandledVariantException;
import org.tlsuplift.proxy.signin.AccessToken;
import org.tlsuplift.proxy.signin.AccountResult;
import org.tlsuplift.proxy.signin.Credential;
import org.tlsuplift.proxy.signin.MailAccount;
import org.tlsuplift.proxy.signin.Permit;
import org.tlsuplift.proxy.signin.PermitResult;
import org.tlsuplift.proxy.signin.SignInRequest;
import org.tlsuplift.proxy.signin.TokenResult;
import org.tlsuplift.proxy.signin.dialogue.OwnName;
import org.tlsuplift.proxy.signin.dialogue.XoauthExchange;
import org.tlsuplift.proxy.signin.dialogue.XoauthStep;
import org.tlsuplift.proxy.upstream.mail.OriginSignInResult;

/**
 * One sign-in. It checks the account, waits for a permit for the mailbox, gets a token and signs in
 * to the origin. The account comes first, so a wrong password uses no permit and no token.
 *
 * <p>If the origin refuses the token, the attempt renews it once and signs in again on a new
 * connection. Runs on the session's event loop. Reports its outcome and makes one callback. An
 * abandoned attempt makes no callback and releases its permit.
 */
final class SignInAttempt {
  /** Receives the result, after the outcome is reported. Implemented by the setup. */
  interface Callbacks {
    /**
     * The origin accepted the sign-in.
     *
     * @param permit the receiver ends it when the origin's connection closes
     */
    void signedIn(MailAccount account, Permit permit, OriginSignInResult.SignedIn origin);

    void failed(Failure failure);
  }

  /**
   * Why a sign-in failed.
   *
   * @param reason the close reason if the device does not try again
   * @param why the explanation for the operator, without secrets
   */
  record Failure(SignInOutcome outcome, CloseReason reason, Explanation why) {}

  private final SignInSetup.Plan plan;
  private final SessionContext context;
  private final SignInRequest request;
  private final Callbacks callbacks;
  private final long startedNanos = System.nanoTime();
  private @Nullable CompletableFuture<AccountResult> checking;
  private @Nullable MailAccount account;
  private @Nullable Permit permit;
  private @Nullable Future<OriginSignInResult> dialled;
  private boolean ended;

  /**
   * Creates an attempt that {@link #start} starts.
   *
   * @param credential the device's user name and password, or null if its address identifies it
   */
  SignInAttempt(
      SignInSetup.Plan plan,
      SessionContext context,
      @Nullable Credential credential,
      Callbacks callbacks) {
    this.plan = plan;
    this.context = context;
    this.request =
        new SignInRequest(
            context.spec().name(),
            context.report().device().getAddress(),
            plan.mail().protocol(),
            credential);
    this.callbacks = callbacks;
  }

  /** Starts the attempt. Called once. */
  void start() {
    CompletableFuture<AccountResult> check =
        plan.signIn().accounts().check(request).toCompletableFuture();
    checking = check;
    then(check, this::onAccount);
  }

  /** Cancels the attempt because the session ends, and releases the permit. */
  void abandon() {
    report(SignInOutcome.ABANDONED, Explanation.NONE);
    ended = true;
    if (checking != null) {
      checking.cancel(false);
    }
    if (dialled != null) {
      dialled.cancel(false);
    }
    endPermit();
  }

  private void onAccount(AccountResult answer) {
    if (answer instanceof AccountResult.Known known) {
      account = known.account();
      Permit place =
          plan.signIn()
              .permits()
              .session(known.account().mailbox(), request.protocol(), request.device());
      permit = place;
      context.report().holdings().add(place);
      then(place.answer(), given -> onPermit(known.account(), given));
    } else if (answer instanceof AccountResult.Unknown unknown) {
      fail(
          request.credential() == null ? SignInOutcome.NOT_ADMITTED : SignInOutcome.BAD_CREDENTIALS,
          unknown.why());
    } else if (answer instanceof AccountResult.Unavailable unavailable) {
      fail(SignInOutcome.GUESSES_SLOWED, unavailable.why());
    } else {
      throw new UnhandledVariantException(answer);
    }
  }

  private void onPermit(MailAccount known, PermitResult answer) {
    if (answer instanceof PermitResult.Busy busy) {
      fail(SignInOutcome.MAILBOX_BUSY, busy.why());
    } else if (answer instanceof PermitResult.Given) {
      then(plan.signIn().tokens().token(known.mailbox()), token -> onToken(known, token, true));
    } else {
      throw new UnhandledVariantException(answer);
    }
  }

  private void onToken(MailAccount known, TokenResult answer, boolean renewable) {
    if (answer instanceof TokenResult.Issued issued) {
      dial(known, issued.token(), renewable);
    } else if (answer instanceof TokenResult.Unavailable unavailable) {
      fail(SignInOutcome.TOKEN_UNAVAILABLE, unavailable.why());
    } else if (answer instanceof TokenResult.Refused refused) {
      fail(SignInOutcome.TOKEN_REFUSED, refused.why());
    } else {
      throw new UnhandledVariantException(answer);
    }
  }

  private void dial(MailAccount known, AccessToken token, boolean renewable) {
    MailProtocol protocol = request.protocol();
    Future<OriginSignInResult> dial =
        context
            .services()
            .upstream()
            .signIn(
                context.dialContext(),
                plan.bridge(),
                plan.mail(),
                OwnName.of(context.report().introduction()),
                new XoauthExchange(protocol, known.mailbox(), token),
                reply -> context.report().originReplied(protocol, reply));
    dialled = dial;
    dial.addListener(
        done -> {
          if (ended) {
            if (dial.isSuccess() && dial.getNow() instanceof OriginSignInResult.SignedIn late) {
              var unused = late.connection().channel().close();
            }
          } else if (dial.isSuccess()) {
            onOrigin(known, token, renewable, dial.getNow());
          } else {
            unavailable(dial.cause());
          }
        });
  }

  private void onOrigin(
      MailAccount known, AccessToken token, boolean renewable, OriginSignInResult answer) {
    if (answer instanceof OriginSignInResult.SignedIn accepted) {
      Permit given = permit;
      if (given == null) {
        throw new IllegalStateException("signed in without a permit");
      }
      ended = true;
      report(SignInOutcome.SIGNED_IN, Explanation.NONE);
      callbacks.signedIn(known, given, accepted);
    } else if (answer instanceof OriginSignInResult.Refused refused) {
      context.report().originHandshake(refused.handshake());
      onRefusal(known, token, renewable, refused.refused());
    } else {
      throw new UnhandledVariantException(answer);
    }
  }

  private void onRefusal(
      MailAccount known, AccessToken token, boolean renewable, XoauthStep.Refused why) {
    if (why.refusal() == XoauthStep.Refusal.TOKEN && renewable) {
      then(
          plan.signIn().tokens().renew(known.mailbox(), token),
          renewed -> onToken(known, renewed, false));
      return;
    }
    if (why.known() != null) {
      context.report().signInRefused(request.protocol(), why.known());
    }
    fail(
        switch (why.refusal()) {
          case TOKEN, LASTING -> SignInOutcome.ORIGIN_REFUSED;
          case MAILBOX_BUSY -> SignInOutcome.MAILBOX_BUSY;
          case PASSING -> SignInOutcome.ORIGIN_BUSY;
        },
        why.detail());
  }

  private void unavailable(Throwable cause) {
    fail(
        SignInOutcome.ORIGIN_UNAVAILABLE,
        context.report().originFailed(cause),
        SessionReport.explanation(cause));
  }

  private void fail(SignInOutcome outcome, String detail) {
    fail(outcome, CloseReason.SIGN_IN_FAILED, Explanation.of(detail));
  }

  private void fail(SignInOutcome outcome, CloseReason reason, Explanation why) {
    ended = true;
    endPermit();
    report(outcome, why);
    callbacks.failed(new Failure(outcome, reason, why));
  }

  private void endPermit() {
    if (permit != null) {
      permit.end();
    }
  }

  private void report(SignInOutcome outcome, Explanation why) {
    context
        .report()
        .signedIn(
            new DeviceSignIn(
                request.protocol(),
                outcome,
                account == null ? null : account.mailbox(),
                request.credential() == null,
                Duration.ofNanos(System.nanoTime() - startedNanos),
                why.text()),
            why);
  }

  /** Continues on the event loop, unless the attempt has ended. */
  private <T> void then(CompletionStage<T> stage, Consumer<T> next) {
    var unused =
        stage.whenComplete(
            (answer, fault) ->
                context
                    .device()
                    .eventLoop()
                    .execute(
                        () -> {
                          if (ended) {
                            return;
                          }
                          if (fault == null) {
                            next.accept(answer);
                          } else {
                            // A stage must not fail. Only the type is reported: the message may
                            // contain a secret.
                            fail(
                                SignInOutcome.TOKEN_UNAVAILABLE,
                                CloseReason.INTERNAL_ERROR,
                                Explanation.of(fault.getClass().getName()));
                          }
                        }));
  }
}
