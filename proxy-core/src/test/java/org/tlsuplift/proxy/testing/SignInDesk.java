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
import org.tlsuplift.proxy.model.MailProtocol;
import org.tlsuplift.proxy.signin.AccessToken;
import org.tlsuplift.proxy.signin.AccessTokens;
import org.tlsuplift.proxy.signin.AccountResult;
import org.tlsuplift.proxy.signin.Accounts;
import org.tlsuplift.proxy.signin.Credential;
import org.tlsuplift.proxy.signin.MailAccount;
import org.tlsuplift.proxy.signin.MailboxPermits;
import org.tlsuplift.proxy.signin.Permit;
import org.tlsuplift.proxy.signin.PermitResult;
import org.tlsuplift.proxy.signin.SignIn;
import org.tlsuplift.proxy.signin.SignInRequest;
import org.tlsuplift.proxy.signin.TokenResult;

/** Knows one account, has its tokens, and counts its turns; all in memory. */
public final class SignInDesk implements Accounts, AccessTokens, MailboxPermits {
  public static final String MAILBOX = "scans@contoso.example";

  /** The one login, as devices know it. */
  public static final String LOGIN = "scanner";

  /** Its password: with blanks, quotes, a backslash and a letter that is not ASCII. */
  public static final String PASSWORD = "pass \"wörd\" \\ 1";

  /** What may be sent as; the origin alone decides by default. */
  public List<String> allowedSenders = List.of();

  /** Whether a device needs no login. */
  public volatile boolean admitsByAddress;

  /** What is told instead of an answer about accounts. */
  public volatile @Nullable AccountResult accountAnswer;

  /** Answers about accounts are this, where it is there. */
  public volatile @Nullable CompletableFuture<AccountResult> accountGate;

  /** What is told instead of a token. */
  public volatile @Nullable TokenResult tokenAnswer;

  /** What is told instead of a turn. */
  public volatile @Nullable PermitResult turnAnswer;

  /** Answers about tokens wait for this. */
  public volatile CompletableFuture<?> tokenGate = CompletableFuture.completedFuture(null);

  /** The tokens that are given, one after the other; the last again and again. */
  public final List<String> tokens = new CopyOnWriteArrayList<>(List.of("good-token"));

  /** The tokens that were said to be refused. */
  public final List<String> refused = new CopyOnWriteArrayList<>();

  /** The credentials that were checked; wiped by then. */
  public final List<Credential> checked = new CopyOnWriteArrayList<>();

  /** How many turns are held. */
  public final AtomicInteger permits = new AtomicInteger();

  /** How many turns were asked for. */
  public final AtomicInteger asked = new AtomicInteger();

  public final AtomicInteger tokensAsked = new AtomicInteger();

  private final AtomicInteger next = new AtomicInteger();

  public SignIn signIn() {
    return new SignIn(this, this, this);
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
        ? new AccountResult.Known(new MailAccount(MAILBOX, allowedSenders))
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
    PermitResult instead = turnAnswer;
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

  /** What a device sends for SASL PLAIN. */
  public static String plain(String password) {
    return base64("\0" + LOGIN + "\0" + password);
  }

  /** Base64 of UTF-8. */
  public static String base64(String text) {
    return java.util.Base64.getEncoder()
        .encodeToString(text.getBytes(java.nio.charset.StandardCharsets.UTF_8));
  }

  /** The secrets that must stand nowhere. */
  public List<String> secrets() {
    List<String> secrets = new ArrayList<>(tokens);
    secrets.add(PASSWORD);
    secrets.add(plain(PASSWORD));
    secrets.add(base64(PASSWORD));
    return secrets;
  }
}
