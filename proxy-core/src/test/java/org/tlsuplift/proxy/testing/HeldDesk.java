package org.tlsuplift.proxy.testing;

import java.net.InetAddress;
import java.time.Instant;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import org.tlsuplift.proxy.model.MailProtocol;
import org.tlsuplift.proxy.signin.AccessToken;
import org.tlsuplift.proxy.signin.AccessTokens;
import org.tlsuplift.proxy.signin.AccountAnswer;
import org.tlsuplift.proxy.signin.Accounts;
import org.tlsuplift.proxy.signin.MailAccount;
import org.tlsuplift.proxy.signin.MailboxKeeper;
import org.tlsuplift.proxy.signin.SignIn;
import org.tlsuplift.proxy.signin.SignInRequest;
import org.tlsuplift.proxy.signin.TokenAnswer;
import org.tlsuplift.proxy.signin.Turn;
import org.tlsuplift.proxy.signin.TurnAnswer;

/** Answers each step of a sign-in when the test does. */
public final class HeldDesk implements Accounts, AccessTokens, MailboxKeeper {
  static final String MAILBOX = "scans@contoso.example";

  /** The answers that were asked for last; none of them is there before the test gives it. */
  public CompletableFuture<AccountAnswer> account = new CompletableFuture<>();

  CompletableFuture<TurnAnswer> turn = new CompletableFuture<>();
  CompletableFuture<TokenAnswer> token = new CompletableFuture<>();

  /** How many turns are held. */
  public int turns;

  public SignIn signIn() {
    return new SignIn(this, this, this);
  }

  public void knows() {
    account.complete(new AccountAnswer.Known(new MailAccount(MAILBOX, List.of())));
  }

  public void knowsNobody() {
    account.complete(new AccountAnswer.Unknown("no account fits"));
  }

  public void givesTurn() {
    turn.complete(new TurnAnswer.Given());
  }

  public void issuesToken() {
    token.complete(new TokenAnswer.Issued(new AccessToken("good-token", Instant.MAX)));
  }

  @Override
  public CompletionStage<AccountAnswer> check(SignInRequest request) {
    account = new CompletableFuture<>();
    return account;
  }

  @Override
  public CompletionStage<TokenAnswer> token(String mailbox) {
    token = new CompletableFuture<>();
    return token;
  }

  @Override
  public CompletionStage<TokenAnswer> renew(String mailbox, AccessToken refused) {
    return token(mailbox);
  }

  @Override
  public Turn session(String mailbox, MailProtocol protocol, InetAddress device) {
    turns++;
    turn = new CompletableFuture<>();
    return new Turn() {
      private boolean ended;

      @Override
      public CompletionStage<TurnAnswer> answer() {
        return turn;
      }

      @Override
      public void end() {
        if (!ended) {
          ended = true;
          turns--;
        }
      }
    };
  }

  @Override
  public Turn message(String mailbox) {
    throw new UnsupportedOperationException("nothing is sent");
  }
}
