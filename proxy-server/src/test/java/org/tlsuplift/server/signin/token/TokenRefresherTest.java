package org.tlsuplift.server.signin.token;

import static org.assertj.core.api.Assertions.assertThat;

import ch.qos.logback.classic.Logger;
import ch.qos.logback.classic.spi.ILoggingEvent;
import ch.qos.logback.core.read.ListAppender;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.slf4j.LoggerFactory;
import org.tlsuplift.proxy.outcome.OperatorException;
import org.tlsuplift.proxy.signin.AccessToken;
import org.tlsuplift.proxy.signin.TokenResult;
import org.tlsuplift.proxy.testing.SettableClock;

/** The times of repeated requests to the identity platform, and their log lines. */
class TokenRefresherTest {
  private final PlatformUnreachableException away =
      new PlatformUnreachableException("login.example:443: refused");
  private final OperatorException nobody =
      new OperatorException(
          "no user has signed in for it; run: tls-uplift accounts sign-in scanner@corp.example");
  private final SettableClock clock = new SettableClock(Instant.parse("2026-05-04T12:00:00Z"));
  private final Grant grant = new Grant();
  private final ExecutorService requests = Executors.newSingleThreadExecutor();
  private final ListAppender<ILoggingEvent> lines = new ListAppender<>();
  private final Logger log = (Logger) LoggerFactory.getLogger(TokenRefresher.class);
  private final TokenRefresher line = refresher(Duration.ofSeconds(60));

  private TokenRefresher refresher(Duration reserve) {
    return new TokenRefresher(
        "scanner@corp.example",
        new TokenAuthority(
            "contoso", "https://login.example/contoso/", "application", List.of(), reserve, ""),
        grant,
        requests,
        clock,
        outcome -> {});
  }

  /** Answers at once with what is set, and counts. */
  private static final class Grant implements TokenGrant {
    private volatile CompletableFuture<AccessToken> answer = new CompletableFuture<>();
    private volatile Object basis = "first";
    private final AtomicInteger asked = new AtomicInteger();
    private volatile boolean askedForFresh;
    private volatile boolean ofOneMailbox = true;

    void fails(Throwable why) {
      answer = CompletableFuture.failedFuture(why);
    }

    void gives(String token, Instant expires) {
      answer = CompletableFuture.completedFuture(new AccessToken(token, expires));
    }

    @Override
    public CompletableFuture<AccessToken> ask(boolean fresh) {
      asked.incrementAndGet();
      askedForFresh = fresh;
      return answer;
    }

    @Override
    public boolean ofOneMailbox() {
      return ofOneMailbox;
    }

    @Override
    public Object basis() {
      return basis;
    }
  }

  @BeforeEach
  void listen() {
    lines.start();
    log.addAppender(lines);
    grant.fails(away);
  }

  @AfterEach
  void close() {
    log.detachAppender(lines);
    requests.shutdownNow();
  }

  @Test
  void doublesThePauseUpTo30Seconds() {
    ask();
    for (Duration pause :
        List.of(Duration.ofSeconds(1), Duration.ofSeconds(2), Duration.ofSeconds(4))) {
      clock.advance(pause.minusMillis(1));
      int before = grant.asked.get();
      assertThat(ask()).isInstanceOf(TokenResult.Unavailable.class);
      assertThat(grant.asked).hasValue(before);
      clock.advance(Duration.ofMillis(1));
      ask();
      assertThat(grant.asked).hasValue(before + 1);
    }
    for (int i = 0; i < 20; i++) {
      clock.advance(Duration.ofSeconds(30));
      ask();
    }
    assertThat(grant.asked).hasValue(24);
    assertThat(lines.list).hasSize(1);
  }

  @Test
  void aTokenForHighVolumeEmailHasMinutesLeftOrIsNotUsed() {
    TokenRefresher highVolume = refresher(Duration.ofMinutes(5));
    grant.gives("good", clock.instant().plus(Duration.ofHours(1)));
    assertThat(highVolume.token().join()).isInstanceOf(TokenResult.Issued.class);
    grant.fails(away);
    clock.advance(Duration.ofMinutes(55).minusSeconds(1));
    assertThat(highVolume.token().join()).isInstanceOf(TokenResult.Issued.class);
    clock.advance(Duration.ofSeconds(1));
    assertThat(highVolume.token().join()).isInstanceOf(TokenResult.Unavailable.class);
    assertThat(highVolume.expires()).isEmpty();
  }

  @Test
  void obeysTheRetryAfterOfAnErrorPage() {
    grant.fails(
        new PlatformUnreachableException("it answers 503", Map.of("Retry-After", List.of("120"))));
    ask();
    clock.advance(Duration.ofSeconds(119));
    ask();
    assertThat(grant.asked).hasValue(1);
    clock.advance(Duration.ofSeconds(1));
    ask();
    assertThat(grant.asked).hasValue(2);
  }

  @Test
  void waitsASecondAfterARetryAfterOfZero() {
    grant.fails(
        new PlatformUnreachableException("it answers 503", Map.of("Retry-After", List.of("0"))));
    ask();
    ask();
    assertThat(grant.asked).hasValue(1);
    clock.advance(Duration.ofSeconds(1));
    ask();
    assertThat(grant.asked).hasValue(2);
  }

  @Test
  void aRefusalHoldsUntilTheBasisChanges() {
    grant.fails(nobody);
    TokenResult refusal = ask();
    assertThat(refusal).isInstanceOf(TokenResult.Refused.class);
    clock.advance(Duration.ofSeconds(9));
    assertThat(ask()).isEqualTo(refusal);
    assertThat(grant.asked).hasValue(1);

    grant.basis = "second";
    assertThat(ask()).isEqualTo(refusal);
    assertThat(grant.asked).hasValue(2);
    assertThat(ask()).isEqualTo(refusal);
    assertThat(grant.asked).hasValue(2);

    grant.basis = "third";
    grant.gives("good", clock.instant().plusSeconds(3600));
    assertThat(ask()).isInstanceOf(TokenResult.Issued.class);
    assertThat(grant.asked).hasValue(3);
  }

  @Test
  void aRefusalEndsByItselfToo() {
    // As after something was changed at the platform.
    grant.fails(nobody);
    ask();
    clock.advance(Duration.ofSeconds(10));
    ask();
    assertThat(grant.asked).hasValue(2);
  }

  @Test
  void logsTheRemedyOfARefusalAfterAnOutage() {
    ask();
    clock.advance(Duration.ofSeconds(30));
    grant.fails(nobody);
    ask();
    clock.advance(Duration.ofSeconds(30));
    ask();
    clock.advance(Duration.ofSeconds(30));
    grant.fails(away);
    ask();
    clock.advance(Duration.ofSeconds(30));
    grant.gives("good", clock.instant().plusSeconds(3600));
    ask();
    assertThat(lines.list)
        .extracting(ILoggingEvent::getFormattedMessage)
        .containsExactly(
            "no token for scanner@corp.example (tenant contoso): the identity platform is unreachable: login.example:443: refused; devices get a temporary error, and the daemon tries again",
            "no token for scanner@corp.example (tenant contoso): no user has signed in for it; run: tls-uplift accounts sign-in scanner@corp.example",
            "no token for scanner@corp.example (tenant contoso): the identity platform is unreachable: login.example:443: refused; devices get a temporary error, and the daemon tries again",
            "there is a token for scanner@corp.example (tenant contoso) again");
  }

  @Test
  void aTokenThatTheOriginRefusesIsMissingOnceThereIsNoOther() {
    AccessToken token = good("old");
    grant.fails(nobody);

    assertThat(refusedByTheOrigin(token)).isInstanceOf(TokenResult.Refused.class);
    assertThat(line.expires()).isEmpty();
    assertThat(ask()).isInstanceOf(TokenResult.Refused.class);

    // The library keeps the old one too.
    clock.advance(Duration.ofSeconds(10));
    AccessToken next = good("new");
    assertThat(grant.askedForFresh).isTrue();
    assertThat(line.expires()).contains(next.expires());
  }

  @Test
  void keepsARefusedTokenDuringAPlatformOutage() {
    AccessToken token = good("old");
    grant.fails(away);

    assertThat(refusedByTheOrigin(token)).isInstanceOf(TokenResult.Unavailable.class);
    assertThat(line.expires()).contains(token.expires());
  }

  @Test
  void keepsATokenForAllMailboxesIfOneRefusesIt() {
    grant.ofOneMailbox = false;
    AccessToken token = good("old");
    grant.fails(nobody);

    assertThat(refusedByTheOrigin(token)).isInstanceOf(TokenResult.Refused.class);
    assertThat(line.expires()).contains(token.expires());
  }

  private AccessToken good(String token) {
    grant.gives(token, clock.instant().plusSeconds(3600));
    assertThat(ask()).isInstanceOf(TokenResult.Issued.class);
    return new AccessToken(token, clock.instant().plusSeconds(3600));
  }

  private TokenResult refusedByTheOrigin(AccessToken token) {
    return line.other(token).orTimeout(60, TimeUnit.SECONDS).join();
  }

  private TokenResult ask() {
    return line.token().orTimeout(60, TimeUnit.SECONDS).join();
  }
}
