package org.tlsuplift.proxy.testing;

import java.net.InetAddress;
import java.time.Instant;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import org.tlsuplift.proxy.model.MailProtocol;
import org.tlsuplift.proxy.model.Permit;
import org.tlsuplift.proxy.model.PermitResult;
import org.tlsuplift.proxy.signin.AccessToken;
import org.tlsuplift.proxy.signin.AccessTokens;
import org.tlsuplift.proxy.signin.AccountResult;
import org.tlsuplift.proxy.signin.Accounts;
import org.tlsuplift.proxy.signin.MailAccount;
import org.tlsuplift.proxy.signin.MailboxPermits;
import org.tlsuplift.proxy.signin.OriginAccess;
import org.tlsuplift.proxy.signin.SignIn;
import org.tlsuplift.proxy.signin.SignInRequest;
import org.tlsuplift.proxy.signin.TokenResult;

/** Completes each step of a sign-in when the test does. */
public final class HeldDesk implements Accounts, AccessTokens, MailboxPermits {
  static final String MAILBOX = "scans@contoso.example";

  /** The latest requested results, which the test completes. */
  public CompletableFuture<AccountResult> account = new CompletableFuture<>();

  CompletableFuture<PermitResult> permit = new CompletableFuture<>();
  CompletableFuture<TokenResult> token = new CompletableFuture<>();

  /** The number of permits that are held. */
  public int permits;

  public SignIn signIn() {
    return new SignIn(this);
  }

  public void knows() {
    account.complete(
        new AccountResult.Known(
            new MailAccount(MAILBOX, List.of()),
            new OriginAccess.ByToken(SignInDesk.ANY_ORIGIN, this, this),
            AccountResult.Standing.PERMANENT));
  }

  public void refusesTheAccount() {
    account.complete(new AccountResult.Unknown("no account fits"));
  }

  public void givesPermit() {
    permit.complete(new PermitResult.Given());
  }

  public void issuesToken() {
    token.complete(new TokenResult.Issued(new AccessToken("good-token", Instant.MAX)));
  }

  @Override
  public CompletionStage<AccountResult> check(SignInRequest request) {
    account = new CompletableFuture<>();
    return account;
  }

  @Override
  public CompletionStage<TokenResult> token(String mailbox) {
    token = new CompletableFuture<>();
    return token;
  }

  @Override
  public CompletionStage<TokenResult> renew(String mailbox, AccessToken refused) {
    return token(mailbox);
  }

  @Override
  public Permit session(String mailbox, MailProtocol protocol, InetAddress device) {
    permits++;
    permit = new CompletableFuture<>();
    return new Permit() {
      private boolean ended;

      @Override
      public CompletionStage<PermitResult> answer() {
        return permit;
      }

      @Override
      public void end() {
        if (!ended) {
          ended = true;
          permits--;
        }
      }
    };
  }

  @Override
  public Permit message(String mailbox) {
    throw new UnsupportedOperationException("nothing is sent");
  }
}
