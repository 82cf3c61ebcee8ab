package org.tlsuplift.proxy.testing;

import java.net.InetAddress;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicInteger;
import org.jspecify.annotations.Nullable;
import org.tlsuplift.proxy.model.Explanation;
import org.tlsuplift.proxy.model.HostPort;
import org.tlsuplift.proxy.model.MailProtocol;
import org.tlsuplift.proxy.model.Permit;
import org.tlsuplift.proxy.model.PermitResult;
import org.tlsuplift.proxy.signin.AccessToken;
import org.tlsuplift.proxy.signin.AccessTokens;
import org.tlsuplift.proxy.signin.AccountResult;
import org.tlsuplift.proxy.signin.Accounts;
import org.tlsuplift.proxy.signin.Credential;
import org.tlsuplift.proxy.signin.MailAccount;
import org.tlsuplift.proxy.signin.MailboxPermits;
import org.tlsuplift.proxy.signin.OriginAccess;
import org.tlsuplift.proxy.signin.SignIn;
import org.tlsuplift.proxy.signin.SignInRequest;
import org.tlsuplift.proxy.signin.TokenOrigins;
import org.tlsuplift.proxy.signin.TokenResult;

/** Knows one account and its tokens, and counts its permits, all in memory. */
public final class SignInDesk implements Accounts, AccessTokens, MailboxPermits {
  public static final String MAILBOX = "scans@contoso.example";

  /** The only login. */
  public static final String LOGIN = "scanner";

  /** Its password, with spaces, quotes, a backslash and a letter outside ASCII. */
  public static final String PASSWORD = "pass \"wörd\" \\ 1";

  /** The allowed senders; by default only the origin decides. */
  public List<String> allowedSenders = List.of();

  /** A token may go to every origin. */
  public static final TokenOrigins ANY_ORIGIN = only(null);

  /** The origins that may get the token; by default all. */
  public volatile TokenOrigins origins = ANY_ORIGIN;

  /** Whether the account still exists. */
  public final AtomicBoolean standing = new AtomicBoolean(true);

  /** Whether a device needs no login. */
  public volatile boolean admitsByAddress;

  /** Replaces the result about accounts. */
  public volatile @Nullable AccountResult accountAnswer;

  /** Delays the result about accounts, if not null. */
  public volatile @Nullable CompletableFuture<AccountResult> accountGate;

  /** Replaces the token. */
  public volatile @Nullable TokenResult tokenAnswer;

  /** Replaces the permit. */
  public volatile @Nullable PermitResult permitAnswer;

  /** Delays the results about tokens. */
  public volatile CompletableFuture<?> tokenGate = CompletableFuture.completedFuture(null);

  /** The tokens in order of issue; the last is issued repeatedly. */
  public final List<String> tokens = new CopyOnWriteArrayList<>(List.of("good-token"));

  /** The tokens that were reported as refused. */
  public final List<String> refused = new CopyOnWriteArrayList<>();

  /** The credentials that were checked, now wiped. */
  public final List<Credential> checked = new CopyOnWriteArrayList<>();

  /** The number of permits that are held. */
  public final AtomicInteger permits = new AtomicInteger();

  /** The number of permits that were requested. */
  public final AtomicInteger asked = new AtomicInteger();

  public final AtomicInteger tokensAsked = new AtomicInteger();

  private final AtomicInteger next = new AtomicInteger();

  /** Replaces the permits, if not null. */
  public volatile @Nullable MailboxPermits limiter;

  /** Replaces the tokens, if not null. */
  public volatile @Nullable OriginAccess access;

  /** A token may go to this origin, or to all if it is null. */
  public static TokenOrigins only(@Nullable HostPort allowed) {
    return new TokenOrigins() {
      @Override
      public boolean allow(HostPort origin) {
        return allowed == null || origin.equals(allowed);
      }

      @Override
      public Explanation refusal(HostPort origin) {
        return Explanation.of("the token is for " + allowed + " only", "correct " + origin);
      }
    };
  }

  public SignIn signIn() {
    return new SignIn(this);
  }

  private OriginAccess access() {
    OriginAccess instead = access;
    MailboxPermits permits = limiter;
    return instead == null
        ? new OriginAccess.ByToken(origins, this, permits == null ? this : permits)
        : instead;
  }

  @Override
  public CompletionStage<AccountResult> check(SignInRequest request) {
    AccountResult answer = answer(request.credential());
    if (request.credential() != null) {
      request.credential().wipe();
      checked.add(request.credential());
    }
    CompletableFuture<AccountResult> gate = accountGate;
    return gate != null
        ? gate
        : CompletableFuture.supplyAsync(() -> accountAnswer == null ? answer : accountAnswer);
  }

  private AccountResult answer(@Nullable Credential credential) {
    boolean known =
        credential == null
            ? admitsByAddress
            : credential.login().equals(LOGIN)
                && new String(credential.password()).equals(PASSWORD);
    return known
        ? new AccountResult.Known(
            new MailAccount(MAILBOX, allowedSenders), access(), () -> standing.get())
        : new AccountResult.Unknown("no account fits");
  }

  @Override
  public CompletionStage<TokenResult> token(String mailbox) {
    tokensAsked.incrementAndGet();
    return tokenGate.thenApplyAsync(
        open -> {
          TokenResult instead = tokenAnswer;
          String token = tokens.get(Math.min(next.get(), tokens.size() - 1));
          return instead != null
              ? instead
              : new TokenResult.Issued(new AccessToken(token, Instant.MAX));
        });
  }

  @Override
  public CompletionStage<TokenResult> renew(String mailbox, AccessToken old) {
    refused.add(old.value());
    next.incrementAndGet();
    return token(mailbox);
  }

  @Override
  public Permit session(String mailbox, MailProtocol protocol, InetAddress device) {
    asked.incrementAndGet();
    permits.incrementAndGet();
    PermitResult instead = permitAnswer;
    AtomicBoolean over = new AtomicBoolean();
    return new Permit() {
      @Override
      public CompletionStage<PermitResult> answer() {
        return CompletableFuture.completedFuture(
            instead == null ? new PermitResult.Given() : instead);
      }

      @Override
      public void end() {
        if (over.compareAndSet(false, true)) {
          permits.decrementAndGet();
        }
      }
    };
  }

  @Override
  public Permit message(String mailbox) {
    return new Permit() {
      @Override
      public CompletionStage<PermitResult> answer() {
        return CompletableFuture.completedFuture(new PermitResult.Given());
      }

      @Override
      public void end() {}
    };
  }

  /** The initial response of SASL PLAIN. */
  public static String plain(String password) {
    return base64("\0" + LOGIN + "\0" + password);
  }

  /** Base64 of UTF-8. */
  public static String base64(String text) {
    return java.util.Base64.getEncoder()
        .encodeToString(text.getBytes(java.nio.charset.StandardCharsets.UTF_8));
  }

  /** The secrets that must not appear anywhere. */
  public List<String> secrets() {
    List<String> secrets = new ArrayList<>(tokens);
    secrets.add(PASSWORD);
    secrets.add(plain(PASSWORD));
    secrets.add(base64(PASSWORD));
    return secrets;
  }
}
