package org.tlsuplift.proxy.setup;

import io.netty.util.concurrent.Future;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;
import org.tlsuplift.proxy.context.MailDestination;
import org.tlsuplift.proxy.context.SessionContext;
import org.tlsuplift.proxy.context.SessionReporter;
import org.tlsuplift.proxy.model.DeviceSignIn;
import org.tlsuplift.proxy.model.Explanation;
import org.tlsuplift.proxy.model.MailProtocol;
import org.tlsuplift.proxy.model.Permit;
import org.tlsuplift.proxy.model.PermitResult;
import org.tlsuplift.proxy.model.UnhandledVariantException;
import org.tlsuplift.proxy.outcome.CloseReason;
import org.tlsuplift.proxy.outcome.SignInOutcome;
import org.tlsuplift.proxy.signin.AccountResult;
import org.tlsuplift.proxy.signin.Credential;
import org.tlsuplift.proxy.signin.OriginAccess;
import org.tlsuplift.proxy.signin.SignInRequest;
import org.tlsuplift.proxy.signin.dialogue.OwnName;
import org.tlsuplift.proxy.signin.dialogue.XoauthStep;
import org.tlsuplift.proxy.upstream.OriginSignInResult;

/**
 * One sign-in. It checks the account, waits for a permit for the mailbox, gets a token or a
 * password and signs in to the origin. The account comes first, so a wrong password uses no permit
 * and no token.
 *
 * <p>If the origin refuses the token, the attempt renews it once and signs in again on a new
 * connection. A token or password goes to the origins of its account only. If the account is
 * removed or changed meanwhile, the attempt fails. Runs on the session's event loop. Reports its
 * outcome and makes one callback. A listener with another destination than the origin may need no
 * sign-in there. An abandoned attempt makes no callback and releases its permit.
 */
final class SignInAttempt {
  /** Receives the result, after the outcome is reported. Implemented by the setup. */
  interface Callbacks {
    /**
     * The origin accepted the sign-in.
     *
     * @param permit the receiver ends it when the origin's connection closes
     */
    void signedIn(AccountResult.Known known, Permit permit, OriginSignInResult.SignedIn origin);

    /** The account is right, and the listener takes its messages without the origin. */
    void signedInHere(AccountResult.Known known);

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
  private final MailDestination destination;
  private @Nullable CompletableFuture<AccountResult> checking;
  private AccountResult.@Nullable Known account;
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
    this.request = new SignInRequest(context.address(), plan.mail().protocol(), credential);
    this.callbacks = callbacks;
    this.destination = context.spec().mail().destination();
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
      account = known;
      Optional<Explanation> refusal = known.access().refusal(plan.bridge().origin());
      if (refusal.isPresent()) {
        fail(
            known.access() instanceof OriginAccess.ByToken
                ? SignInOutcome.TOKEN_REFUSED
                : SignInOutcome.BAD_CREDENTIALS,
            CloseReason.SIGN_IN_FAILED,
            refusal.get());
        return;
      }
      if (!destination.needsSignIn()) {
        ended = true;
        known.standing().signedIn();
        report(SignInOutcome.SIGNED_IN, Explanation.NONE);
        callbacks.signedInHere(known);
        return;
      }
      Permit place =
          known
              .access()
              .permits()
              .session(known.account().mailbox(), request.protocol(), request.device());
      permit = place;
      context.holdings().add(place);
      then(place.answer(), given -> onPermit(known, given));
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

  private void onPermit(AccountResult.Known known, PermitResult answer) {
    if (answer instanceof PermitResult.Busy busy) {
      fail(SignInOutcome.MAILBOX_BUSY, busy.why());
    } else if (answer instanceof PermitResult.Given) {
      OriginExchanges exchanges = new OriginExchanges(request.protocol(), known);
      then(exchanges.first(), first -> onExchange(exchanges, first, true));
    } else {
      throw new UnhandledVariantException(answer);
    }
  }

  private void onExchange(
      OriginExchanges exchanges, OriginExchanges.Result answer, boolean renewable) {
    if (answer instanceof OriginExchanges.Result.Ready ready) {
      dial(exchanges, ready, renewable);
    } else if (answer instanceof OriginExchanges.Result.Missing missing) {
      fail(missing.outcome(), missing.why());
    } else {
      throw new UnhandledVariantException(answer);
    }
  }

  private void dial(
      OriginExchanges exchanges, OriginExchanges.Result.Ready ready, boolean renewable) {
    MailProtocol protocol = request.protocol();
    Future<OriginSignInResult> dial =
        context
            .services()
            .upstream()
            .signIn(
                context.dialContext(),
                plan.bridge(),
                plan.mail(),
                OwnName.of(context.facts().introduction()),
                ready.exchange(),
                reply -> context.report().originReplied(protocol, reply));
    dialled = dial;
    dial.addListener(
        done -> {
          if (ended) {
            if (dial.isSuccess() && dial.getNow() instanceof OriginSignInResult.SignedIn late) {
              var unused = late.connection().channel().close();
            }
          } else if (!dial.isSuccess()) {
            unavailable(dial.cause());
          } else if (dial.getNow() instanceof OriginSignInResult.SignedIn accepted) {
            signedIn(exchanges.known(), accepted);
          } else if (dial.getNow() instanceof OriginSignInResult.Refused refused) {
            context.report().originHandshake(refused.handshake());
            onRefusal(exchanges, ready, renewable, refused.refused());
          } else {
            throw new UnhandledVariantException(dial.getNow());
          }
        });
  }

  private void signedIn(AccountResult.Known known, OriginSignInResult.SignedIn accepted) {
    Permit given = permit;
    if (given == null) {
      throw new IllegalStateException("signed in without a permit");
    }
    if (!known.standing().holds()) {
      var unused = accepted.connection().channel().close();
      fail(
          request.credential() == null ? SignInOutcome.NOT_ADMITTED : SignInOutcome.BAD_CREDENTIALS,
          known.revoked());
      return;
    }
    ended = true;
    known.standing().signedIn();
    report(SignInOutcome.SIGNED_IN, Explanation.NONE);
    callbacks.signedIn(known, given, accepted);
  }

  private void onRefusal(
      OriginExchanges exchanges,
      OriginExchanges.Result.Ready refused,
      boolean renewable,
      XoauthStep.Refused why) {
    Optional<CompletionStage<OriginExchanges.Result>> renewed =
        renewable ? exchanges.renewed(refused, why) : Optional.empty();
    if (renewed.isPresent()) {
      then(renewed.get(), another -> onExchange(exchanges, another, false));
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
        SessionReporter.explanation(cause));
  }

  private void fail(SignInOutcome outcome, String detail) {
    fail(outcome, CloseReason.SIGN_IN_FAILED, Explanation.of(detail));
  }

  private void fail(SignInOutcome outcome, CloseReason reason, Explanation why) {
    ended = true;
    endPermit();
    report(outcome, why);
    if (account != null && account.standing().holds() && destination.continuesAfter(outcome)) {
      account.standing().signedIn();
      callbacks.signedInHere(account);
      return;
    }
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
                account == null ? null : account.account().mailbox(),
                request.credential() == null,
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
