package org.tlsuplift.server.signin.token;

import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.Executor;
import java.util.concurrent.RejectedExecutionException;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.tlsuplift.proxy.signin.AccessToken;
import org.tlsuplift.proxy.signin.TokenResult;
import org.tlsuplift.server.background.Backoff;
import org.tlsuplift.server.background.Notice;

/**
 * The tokens of one grant, one after the other. At most one request runs at a time, and a new token
 * is requested before the old one expires. After a failure it waits; after a refusal it waits until
 * the cause has changed. Thread-safe; never blocks.
 */
final class TokenRefresher {
  private static final Backoff BACKOFF = new Backoff(Duration.ofSeconds(1), Duration.ofSeconds(30));
  private static final Duration SHORTEST_PAUSE = Duration.ofSeconds(1);
  private static final Duration REFUSED_PAUSE = Duration.ofSeconds(10);
  private static final Duration EARLY = Duration.ofMinutes(10);
  private static final Logger log = LoggerFactory.getLogger(TokenRefresher.class);

  private final String name;
  private final String tenant;
  private final Duration reserve;
  private final TokenGrant grant;
  private final Executor requests;
  private final Clock clock;
  private final Consumer<TokenOutcome> observer;

  private @Nullable AccessToken current;

  /** Whether the last token was refused; the grant may still have it in its cache. */
  private boolean spent;

  private Duration life = Duration.ZERO;
  private Instant refresh = Instant.MAX;
  private @Nullable CompletableFuture<TokenResult> underWay;
  private @Nullable TokenResult blockedBy;
  private Instant blockedUntil = Instant.MIN;
  private int failures;
  private Object basis = "";
  private final Notice missing = Notice.once();

  /**
   * @param name whose tokens they are, for messages: a mailbox, or all
   * @param requests runs steps that read files, one after the other
   */
  TokenRefresher(
      String name,
      TokenAuthority tokenAuthority,
      TokenGrant grant,
      Executor requests,
      Clock clock,
      Consumer<TokenOutcome> observer) {
    this.name = name;
    this.tenant = tokenAuthority.tenant();
    this.reserve = tokenAuthority.reserve();
    this.grant = grant;
    this.requests = requests;
    this.clock = clock;
    this.observer = observer;
  }

  /** A token that stays valid for the reserve. */
  synchronized CompletableFuture<TokenResult> token() {
    Instant now = clock.instant();
    AccessToken good = usable(now);
    if (good != null) {
      return CompletableFuture.completedFuture(new TokenResult.Issued(good));
    }
    return ask(now, current != null || spent);
  }

  /**
   * A token other than this one, which the origin refused. If no other token is possible until an
   * operator changes something, this one is dropped.
   */
  synchronized CompletableFuture<TokenResult> other(AccessToken refused) {
    Instant now = clock.instant();
    AccessToken good = usable(now);
    if (good != null && !good.value().equals(refused.value())) {
      return CompletableFuture.completedFuture(new TokenResult.Issued(good));
    }
    return ask(now, true)
        .thenApply(
            answer -> {
              if (answer instanceof TokenResult.Refused && grant.ofOneMailbox()) {
                forget(refused);
              }
              return answer;
            });
  }

  private synchronized void forget(AccessToken refused) {
    if (isCurrent(refused)) {
      current = null;
      spent = true;
    }
  }

  /** Whether this is the token in use. */
  synchronized boolean isCurrent(AccessToken token) {
    return current != null && current.value().equals(token.value());
  }

  /** Null without a usable token. */
  synchronized Optional<Instant> expires() {
    return Optional.ofNullable(usable(clock.instant())).map(AccessToken::expires);
  }

  /** Requests a token if one is due. */
  synchronized void keep() {
    Instant now = clock.instant();
    if (usable(now) == null || !now.isBefore(refresh)) {
      var unused = ask(now, current != null || spent);
    }
  }

  private @Nullable AccessToken usable(Instant now) {
    return current != null && now.isBefore(current.expires().minus(margin())) ? current : null;
  }

  /**
   * How long before its end a token is replaced, because one that expires on its way is refused. A
   * short-lived token is used for nine tenths of its lifetime.
   */
  private Duration margin() {
    Duration tenth = life.dividedBy(10);
    return tenth.compareTo(reserve) < 0 ? tenth : reserve;
  }

  private CompletableFuture<TokenResult> ask(Instant now, boolean fresh) {
    if (underWay != null) {
      return underWay;
    }
    if (blockedBy instanceof TokenResult.Unavailable && now.isBefore(blockedUntil)) {
      return CompletableFuture.completedFuture(blockedBy);
    }
    CompletableFuture<TokenResult> answer = new CompletableFuture<>();
    underWay = answer;
    try {
      requests.execute(() -> request(fresh, answer));
    } catch (RejectedExecutionException ends) {
      underWay = null;
      answer.complete(new TokenResult.Unavailable("the program is shutting down"));
    }
    return answer;
  }

  private void request(boolean fresh, CompletableFuture<TokenResult> answer) {
    Object now = grant.basis();
    TokenResult refusal;
    synchronized (this) {
      refusal = clock.instant().isBefore(blockedUntil) && now.equals(basis) ? blockedBy : null;
      basis = now;
      if (refusal != null) {
        underWay = null;
      }
    }
    if (refusal != null) {
      answer.complete(refusal);
      return;
    }
    var unused =
        grant
            .ask(fresh)
            .handle(
                (token, failure) -> {
                  answer.complete(token == null ? failed(failure) : issued(token));
                  return token;
                });
  }

  private TokenResult issued(AccessToken token) {
    boolean again;
    synchronized (this) {
      Instant now = clock.instant();
      again = missing.ended();
      current = token;
      spent = false;
      life = Duration.between(now, token.expires());
      Duration quarter = life.dividedBy(4);
      refresh = token.expires().minus(quarter.compareTo(EARLY) < 0 ? quarter : EARLY);
      underWay = null;
      blockedBy = null;
      failures = 0;
    }
    if (again) {
      log.info("there is a token for {} (tenant {}) again", name, tenant);
    }
    return observed(new TokenResult.Issued(token));
  }

  private TokenResult failed(Throwable failure) {
    GrantFailure why = GrantFailure.of(failure, name, clock.instant());
    TokenResult answer = why.answer();
    boolean news;
    synchronized (this) {
      // All outages are the same for an operator.
      news = missing.isNews(why.passing() ? "" : answer);
      failures++;
      blockedBy = answer;
      blockedUntil = clock.instant().plus(pause(why));
      underWay = null;
    }
    if (news) {
      log.warn(
          "no token for {} (tenant {}): {}{}",
          name,
          tenant,
          why.why(),
          why.passing() ? "; devices get a temporary error, and the daemon tries again" : "");
    }
    return observed(answer);
  }

  private Duration pause(GrantFailure why) {
    Duration retryAfter = why.retryAfter();
    if (retryAfter != null) {
      return retryAfter.compareTo(SHORTEST_PAUSE) > 0 ? retryAfter : SHORTEST_PAUSE;
    }
    if (!why.passing()) {
      return REFUSED_PAUSE;
    }
    return BACKOFF.after(failures);
  }

  private TokenResult observed(TokenResult answer) {
    observer.accept(TokenOutcome.of(answer));
    return answer;
  }
}
