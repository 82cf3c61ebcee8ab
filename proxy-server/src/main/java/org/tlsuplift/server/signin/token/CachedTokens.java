package org.tlsuplift.server.signin.token;

import com.github.benmanes.caffeine.cache.Cache;
import com.github.benmanes.caffeine.cache.Caffeine;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.Collection;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ConcurrentMap;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;
import org.tlsuplift.proxy.signin.AccessToken;
import org.tlsuplift.proxy.signin.AccessTokens;
import org.tlsuplift.proxy.signin.TokenResult;
import org.tlsuplift.server.background.Schedule;
import org.tlsuplift.server.background.Threads;

/**
 * Tokens for mailboxes, cached and renewed in the background. If the application signs in by
 * itself, all mailboxes share one token; otherwise each has its own. Thread-safe.
 */
public final class CachedTokens implements AccessTokens, AutoCloseable {
  private static final Duration LONGEST_WAIT = Duration.ofSeconds(10);
  private static final Duration BETWEEN_RENEWALS = Duration.ofMinutes(1);
  private static final int MAX_MAILBOXES = 10_000;
  private static final Duration PERIOD = Duration.ofSeconds(1);
  private static final int THREADS = 4;
  private static final String ALL = "all mailboxes";

  private final TokenAuthority tokenAuthority;
  private final Function<String, String> refresherName;
  private final Function<String, TokenGrant> grants;
  private final Consumer<TokenOutcome> observer;
  private final Clock clock = Clock.systemUTC();
  private final ExecutorService requests = Threads.upTo(1, "uplift-tokens");
  private final ExecutorService threads = Threads.upTo(THREADS, "uplift-platform");
  private final ConcurrentMap<String, TokenRefresher> refreshers = new ConcurrentHashMap<>();
  private final Cache<String, Boolean> renewed =
      Caffeine.newBuilder().maximumSize(MAX_MAILBOXES).expireAfterWrite(BETWEEN_RENEWALS).build();
  private Schedule.@Nullable Task keeping;

  private CachedTokens(
      TokenAuthority tokenAuthority,
      Function<String, String> refresherName,
      Function<PlatformAccess, Function<String, TokenGrant>> grants,
      PlatformHttp http,
      Consumer<TokenOutcome> observer) {
    this.tokenAuthority = tokenAuthority;
    this.refresherName = refresherName;
    this.observer = observer;
    this.grants = grants.apply(new PlatformAccess(http, threads));
  }

  /**
   * Tokens of an application that signs in by itself.
   *
   * @param observer gets the outcome of each request; fast, never throws, called on any thread
   */
  public static CachedTokens ofApplication(
      TokenAuthority tokenAuthority,
      CredentialSource proofs,
      PlatformHttp http,
      TokenStore store,
      Consumer<TokenOutcome> observer) {
    return new CachedTokens(
        tokenAuthority,
        mailbox -> ALL,
        access ->
            name ->
                new ApplicationGrant(tokenAuthority, proofs, access, new StoredToken(store, name)),
        http,
        observer);
  }

  /**
   * Requests a token of an application once, past all caches. Blocks.
   *
   * @return a refusal also if the credential cannot be used
   */
  public static TokenResult once(
      TokenAuthority tokenAuthority, ApplicationCredential proof, PlatformHttp http) {
    return ApplicationGrant.once(tokenAuthority, proof, http);
  }

  /** Tokens of users who have signed in for each mailbox. */
  public static CachedTokens ofMailboxes(
      TokenAuthority tokenAuthority,
      PlatformHttp http,
      UserTokens tokens,
      Consumer<TokenOutcome> observer) {
    return new CachedTokens(
        tokenAuthority,
        mailbox -> mailbox.toLowerCase(Locale.ROOT),
        access -> mailbox -> new MailboxGrant(tokenAuthority, access, tokens, mailbox),
        http,
        observer);
  }

  /** Keeps tokens for these mailboxes; others get a token on request. */
  public synchronized void keep(Collection<String> mailboxes, Schedule schedule) {
    List<String> wanted = mailboxes.stream().map(refresherName).distinct().toList();
    refreshers.forEach(
        (name, refresher) -> {
          if (!wanted.contains(name)) {
            refreshers.remove(name);
          }
        });
    wanted.forEach(name -> refresher(name).keep());
    if (keeping == null) {
      keeping =
          schedule.every(
              PERIOD,
              PERIOD,
              "renewal of tokens",
              () -> refreshers.values().forEach(TokenRefresher::keep));
    }
  }

  @Override
  public CompletionStage<TokenResult> token(String mailbox) {
    return bounded(refresher(refresherName.apply(mailbox)).token());
  }

  @Override
  public CompletionStage<TokenResult> renew(String mailbox, AccessToken refused) {
    TokenRefresher refresher = refresher(refresherName.apply(mailbox));
    if (refresher.isCurrent(refused) && renewed.getIfPresent(mailbox) != null) {
      return CompletableFuture.completedStage(
          new TokenResult.Refused(
              "the origin refuses new tokens for "
                  + mailbox
                  + " too, so the token is not the cause: check the mailbox and the application's permissions with 'tls-uplift doctor'"));
    }
    return bounded(
        refresher
            .other(refused)
            .thenApply(
                answer -> {
                  if (answer instanceof TokenResult.Issued) {
                    renewed.put(mailbox, true);
                  }
                  return answer;
                }));
  }

  public long usable() {
    return refreshers.values().stream().filter(each -> each.expires().isPresent()).count();
  }

  public long missing() {
    return refreshers.values().stream().filter(each -> each.expires().isEmpty()).count();
  }

  /** When the first usable token expires; empty without one. */
  public Optional<Instant> firstExpiry() {
    return refreshers.values().stream()
        .flatMap(each -> each.expires().stream())
        .min(Instant::compareTo);
  }

  private TokenRefresher refresher(String name) {
    return refreshers.computeIfAbsent(
        name,
        missing ->
            new TokenRefresher(
                missing, tokenAuthority, grants.apply(missing), requests, clock, observer));
  }

  private static CompletionStage<TokenResult> bounded(CompletableFuture<TokenResult> answer) {
    return answer
        .copy()
        .completeOnTimeout(
            new TokenResult.Unavailable(
                "the identity platform has not responded within "
                    + LONGEST_WAIT.toSeconds()
                    + " s"),
            LONGEST_WAIT.toMillis(),
            TimeUnit.MILLISECONDS);
  }

  /** Ends the threads; waiting requests end within their timeout. */
  @Override
  public synchronized void close() {
    if (keeping != null) {
      keeping.close();
    }
    requests.shutdownNow();
    threads.shutdownNow();
  }
}
