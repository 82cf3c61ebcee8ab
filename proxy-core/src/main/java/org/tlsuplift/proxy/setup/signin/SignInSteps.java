package org.tlsuplift.proxy.setup.signin;

import io.netty.channel.EventLoop;
import io.netty.util.concurrent.Future;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;
import org.tlsuplift.proxy.model.CloseReason;
import org.tlsuplift.proxy.model.SignInOutcome;
import org.tlsuplift.proxy.model.UnhandledVariantException;
import org.tlsuplift.proxy.signin.AccessToken;
import org.tlsuplift.proxy.signin.AccountResult;
import org.tlsuplift.proxy.signin.MailAccount;
import org.tlsuplift.proxy.signin.Permit;
import org.tlsuplift.proxy.signin.PermitResult;
import org.tlsuplift.proxy.signin.SignIn;
import org.tlsuplift.proxy.signin.SignInRequest;
import org.tlsuplift.proxy.signin.TokenResult;
import org.tlsuplift.proxy.signin.dialogue.XoauthExchange;
import org.tlsuplift.proxy.signin.dialogue.XoauthStep;
import org.tlsuplift.proxy.upstream.dial.OriginUnavailableException;
import org.tlsuplift.proxy.upstream.mail.OriginSignInResult;

/**
 * One sign-in from the device's word to the origin's: account, turn, token, origin, in this order,
 * so that a wrong password costs nobody else anything.
 *
 * <p>A token that the origin refuses is renewed once, and tried once more on a new connection.
 * Lives on one event loop; tells exactly one end, unless it is abandoned first, and then holds
 * nothing any more.
 */
public final class SignInSteps {
  private final SignIn signIn;
  private final SignInRequest request;
  private final EventLoop loop;
  private final OriginReach origin;
  private final Consumer<SignInResult> listener;
  private @Nullable CompletableFuture<AccountResult> checking;
  private @Nullable MailAccount account;
  private @Nullable Permit permit;
  private @Nullable Future<OriginSignInResult> dialled;
  private boolean ended;

  /** Nothing happens before {@link #start}. */
  public SignInSteps(
      SignIn signIn,
      SignInRequest request,
      EventLoop loop,
      OriginReach origin,
      Consumer<SignInResult> listener) {
    this.signIn = signIn;
    this.request = request;
    this.loop = loop;
    this.origin = origin;
    this.listener = listener;
  }

  /** Begins; once. */
  public void start() {
    CompletableFuture<AccountResult> check = signIn.accounts().check(request).toCompletableFuture();
    checking = check;
    then(check, this::onAccount);
  }

  /** Gives up, and gives back whatever was taken; does nothing at the end. */
  public void abandon() {
    if (ended) {
      return;
    }
    ended = true;
    if (checking != null) {
      checking.cancel(false);
    }
    if (dialled != null) {
      dialled.cancel(false);
    }
    endTurn();
  }

  /** Whose mailbox it is, as far as that is known. */
  public @Nullable String mailbox() {
    return account == null ? null : account.mailbox();
  }

  private void onAccount(AccountResult answer) {
    if (answer instanceof AccountResult.Known known) {
      account = known.account();
      Permit place =
          signIn.keeper().session(known.account().mailbox(), request.protocol(), request.device());
      permit = place;
      origin.hold(place);
      then(place.answer(), given -> onTurn(known.account(), given));
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

  private void onTurn(MailAccount known, PermitResult answer) {
    if (answer instanceof PermitResult.Busy busy) {
      fail(SignInOutcome.MAILBOX_BUSY, busy.why());
    } else if (answer instanceof PermitResult.Given) {
      then(signIn.tokens().token(known.mailbox()), token -> onToken(known, token, true));
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
    Future<OriginSignInResult> dial =
        origin.signIn(new XoauthExchange(request.protocol(), known.mailbox(), token));
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
        throw new IllegalStateException("signed in without a turn");
      }
      ended = true;
      listener.accept(new SignInResult.Granted(known, given, accepted));
    } else if (answer instanceof OriginSignInResult.Refused refused) {
      if (refused.handshake() != null) {
        origin.onHandshake(refused.handshake());
      }
      XoauthStep.Refused why = refused.refused();
      if (why.refusal() == XoauthStep.Refusal.TOKEN && renewable) {
        then(
            signIn.tokens().renew(known.mailbox(), token),
            renewed -> onToken(known, renewed, false));
        return;
      }
      if (why.known() != null) {
        origin.onRefusal(why.known());
      }
      fail(
          switch (why.refusal()) {
            case TOKEN, LASTING -> SignInOutcome.ORIGIN_REFUSED;
            case MAILBOX_BUSY -> SignInOutcome.MAILBOX_BUSY;
            case PASSING -> SignInOutcome.ORIGIN_BUSY;
          },
          why.detail());
    } else {
      throw new UnhandledVariantException(answer);
    }
  }

  private void unavailable(Throwable cause) {
    CloseReason reason = CloseReason.INTERNAL_ERROR;
    if (cause instanceof OriginUnavailableException known) {
      reason = known.reason();
      if (known.handshake() != null) {
        origin.onHandshake(known.handshake());
      }
    }
    fail(SignInOutcome.ORIGIN_UNAVAILABLE, reason, String.valueOf(cause.getMessage()));
  }

  private void fail(SignInOutcome outcome, String detail) {
    fail(outcome, CloseReason.SIGN_IN_FAILED, detail);
  }

  private void fail(SignInOutcome outcome, CloseReason reason, String detail) {
    ended = true;
    endTurn();
    listener.accept(new SignInResult.Failed(outcome, mailbox(), reason, detail));
  }

  private void endTurn() {
    if (permit != null) {
      permit.end();
    }
  }

  /** Goes on, on the loop, unless it is over by then. */
  private <T> void then(CompletionStage<T> stage, Consumer<T> next) {
    var unused =
        stage.whenComplete(
            (answer, fault) ->
                loop.execute(
                    () -> {
                      if (ended) {
                        return;
                      }
                      if (fault == null) {
                        next.accept(answer);
                      } else {
                        // Against the contract, and of unknown content: its name must do.
                        fail(
                            SignInOutcome.TOKEN_UNAVAILABLE,
                            CloseReason.INTERNAL_ERROR,
                            fault.getClass().getName());
                      }
                    }));
  }
}
