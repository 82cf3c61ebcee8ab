package org.tlsuplift.server.signin.token;

import com.microsoft.aad.msal4j.IAccount;
import com.microsoft.aad.msal4j.ITokenCacheAccessAspect;
import com.microsoft.aad.msal4j.ITokenCacheAccessContext;
import com.microsoft.aad.msal4j.PublicClientApplication;
import com.microsoft.aad.msal4j.SilentParameters;
import java.net.MalformedURLException;
import java.time.Duration;
import java.time.Instant;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;
import org.tlsuplift.proxy.model.ShortText;
import org.tlsuplift.proxy.outcome.OperatorException;
import org.tlsuplift.proxy.signin.AccessToken;

/**
 * A user has signed in for a mailbox in a browser; this uses the refresh token. Instances that
 * share their tokens use it one after the other.
 */
final class MailboxGrant implements TokenGrant {
  private static final Duration LONGEST_WAIT = Duration.ofSeconds(8);
  private static final Duration BETWEEN_ATTEMPTS = Duration.ofMillis(200);

  private static final Duration EXPIRY_MARGIN = Duration.ofMinutes(5);

  private final TokenAuthority tokenAuthority;
  private final PlatformAccess platform;
  private final UserTokens tokens;
  private final String mailbox;

  /** The version of the tokens from which the last one came. */
  private volatile @Nullable String used;

  MailboxGrant(
      TokenAuthority tokenAuthority, PlatformAccess platform, UserTokens tokens, String mailbox) {
    this.tokenAuthority = tokenAuthority;
    this.platform = platform;
    this.tokens = tokens;
    this.mailbox = mailbox;
  }

  @Override
  public CompletableFuture<AccessToken> ask(boolean fresh) {
    CompletableFuture<AccessToken> answer = new CompletableFuture<>();
    long end = System.nanoTime() + LONGEST_WAIT.toNanos();
    try {
      platform.threads().execute(() -> attempt(fresh, end, answer));
    } catch (RuntimeException shutDown) {
      answer.completeExceptionally(shutDown);
    }
    return answer;
  }

  @Override
  public boolean ofOneMailbox() {
    return true;
  }

  @Override
  public Object basis() {
    return tokens.stamp(mailbox);
  }

  /** Waits without a thread while another instance has the tokens, because it may need ours. */
  private void attempt(boolean fresh, long end, CompletableFuture<AccessToken> answer) {
    try {
      Optional<AccessToken> token = attempt(fresh);
      if (token.isPresent()) {
        answer.complete(token.get());
      } else if (System.nanoTime() - end < 0) {
        CompletableFuture.delayedExecutor(
                BETWEEN_ATTEMPTS.toMillis(), TimeUnit.MILLISECONDS, platform.threads())
            .execute(() -> attempt(fresh, end, answer));
      } else {
        answer.completeExceptionally(
            new TokenStoreException(
                "another instance has requested a token for this mailbox and has not finished",
                true));
      }
    } catch (OperatorException | MalformedURLException | RuntimeException failed) {
      answer.completeExceptionally(failed);
    }
  }

  /** Empty while another instance has the tokens. */
  private Optional<AccessToken> attempt(boolean fresh)
      throws OperatorException, MalformedURLException {
    Optional<UserTokens.Taken> free = tokens.take(mailbox);
    if (free.isEmpty()) {
      return Optional.empty();
    }
    try (UserTokens.Taken taken = free.get()) {
      // If another instance has refreshed since, its token is new here.
      boolean force = fresh && taken.version().equals(used);
      AccessToken token = request(taken, force);
      used = taken.version();
      return Optional.of(token);
    }
  }

  private AccessToken request(UserTokens.Taken taken, boolean force)
      throws OperatorException, MalformedURLException {
    AccessToken newest = taken.token();
    if (!force && newest != null && Instant.now().isBefore(newest.expires().minus(EXPIRY_MARGIN))) {
      return newest;
    }
    Cache cache = new Cache(taken.cache());
    AccessToken token = null;
    try {
      token = request(cache, force || newest != null);
      return token;
    } finally {
      String changed = cache.changed;
      if (changed != null) {
        taken.write(changed, token);
      }
    }
  }

  /** Requests a token on this thread, so that it ends before others get the refresh token. */
  private AccessToken request(Cache cache, boolean force)
      throws OperatorException, MalformedURLException {
    PublicClientApplication application =
        new PlatformAccess(platform.http(), new CallingThread())
            .publicClient(tokenAuthority)
            .setTokenCacheAccessAspect(cache)
            .build();
    Set<IAccount> accounts = application.getAccounts().join();
    if (accounts.isEmpty()) {
      throw new OperatorException(
          "no user has signed in for it; run: tls-uplift accounts sign-in "
              + ShortText.argument(mailbox, "MAILBOX"));
    }
    return PlatformAccess.token(
        application
            .acquireTokenSilently(
                SilentParameters.builder(
                        Set.copyOf(tokenAuthority.scopes()), accounts.iterator().next())
                    .forceRefresh(force)
                    .build())
            .join());
  }

  /** The library's tokens during one request. */
  private static final class Cache implements ITokenCacheAccessAspect {
    private final Optional<String> before;
    private @Nullable String changed;

    Cache(Optional<String> before) {
      this.before = before;
    }

    @Override
    public void beforeCacheAccess(ITokenCacheAccessContext context) {
      if (changed == null) {
        before.ifPresent(context.tokenCache()::deserialize);
      }
    }

    @Override
    public void afterCacheAccess(ITokenCacheAccessContext context) {
      if (context.hasCacheChanged()) {
        changed = context.tokenCache().serialize();
      }
    }
  }
}
