package org.tlsuplift.proxy.setup;

import java.util.Optional;
import java.util.concurrent.CompletionStage;
import org.jspecify.annotations.Nullable;
import org.tlsuplift.proxy.model.MailProtocol;
import org.tlsuplift.proxy.model.UnhandledVariantException;
import org.tlsuplift.proxy.outcome.SignInOutcome;
import org.tlsuplift.proxy.signin.AccessToken;
import org.tlsuplift.proxy.signin.AccountResult;
import org.tlsuplift.proxy.signin.OriginAccess;
import org.tlsuplift.proxy.signin.OriginPassword;
import org.tlsuplift.proxy.signin.TokenResult;
import org.tlsuplift.proxy.signin.dialogue.OriginExchange;
import org.tlsuplift.proxy.signin.dialogue.XoauthStep;

/**
 * Prepares the sign-in at the origin for an account, with its token or its password. Stateless.
 *
 * <p>The stages never fail, and complete on any thread.
 */
public record OriginExchanges(MailProtocol protocol, AccountResult.Known known) {
  /** A prepared sign-in, or why there is none. */
  public sealed interface Result {
    /**
     * Ready for one connection.
     *
     * @param token the token that it presents, or null for a password
     */
    record Ready(OriginExchange exchange, @Nullable AccessToken token) implements Result {}

    /**
     * There is no token or password.
     *
     * @param why for the operator, without secrets
     */
    record Missing(SignInOutcome outcome, String why) implements Result {}
  }

  /** The sign-in with the present token, or with the password. */
  public CompletionStage<Result> first() {
    OriginAccess access = known.access();
    if (access instanceof OriginAccess.ByToken byToken) {
      return byToken.tokens().token(mailbox()).thenApply(this::withToken);
    } else if (access instanceof OriginAccess.ByPassword own) {
      return own.password().read().thenApply(password -> withPassword(own.user(), password));
    }
    throw new UnhandledVariantException(access);
  }

  /**
   * The sign-in with a new token.
   *
   * @param refused what the origin refused
   * @return empty if no other token can help
   */
  public Optional<CompletionStage<Result>> renewed(Result.Ready refused, XoauthStep.Refused why) {
    AccessToken token = refused.token();
    return token != null
            && why.refusal() == XoauthStep.Refusal.TOKEN
            && known.access() instanceof OriginAccess.ByToken byToken
        ? Optional.of(byToken.tokens().renew(mailbox(), token).thenApply(this::withToken))
        : Optional.empty();
  }

  private Result withToken(TokenResult answer) {
    if (answer instanceof TokenResult.Issued issued) {
      return new Result.Ready(
          OriginExchange.ofToken(protocol, mailbox(), issued.token()), issued.token());
    } else if (answer instanceof TokenResult.Unavailable unavailable) {
      return new Result.Missing(SignInOutcome.TOKEN_UNAVAILABLE, unavailable.why());
    } else if (answer instanceof TokenResult.Refused refused) {
      return new Result.Missing(SignInOutcome.TOKEN_REFUSED, refused.why());
    }
    throw new UnhandledVariantException(answer);
  }

  private Result withPassword(String user, OriginPassword.Result answer) {
    if (answer instanceof OriginPassword.Result.Known password) {
      return new Result.Ready(OriginExchange.ofPassword(protocol, user, password.value()), null);
    } else if (answer instanceof OriginPassword.Result.Unreadable unreadable) {
      return new Result.Missing(SignInOutcome.TOKEN_REFUSED, unreadable.why());
    }
    throw new UnhandledVariantException(answer);
  }

  private String mailbox() {
    return known.account().mailbox();
  }
}
