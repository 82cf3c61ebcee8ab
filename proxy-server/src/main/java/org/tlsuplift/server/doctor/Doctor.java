package org.tlsuplift.server.doctor;

import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import org.jspecify.annotations.Nullable;
import org.tlsuplift.proxy.model.UnhandledVariantException;
import org.tlsuplift.proxy.signin.AccessToken;
import org.tlsuplift.proxy.signin.AccessTokens;
import org.tlsuplift.proxy.signin.TokenResult;

/**
 * Checks the whole path for mailboxes and listeners. A failed step does not stop the checks that do
 * not depend on it. The doctor finds a wrong secret while the firewall still blocks the origin.
 *
 * <p>All methods block, so never call them on an event loop.
 */
public final class Doctor {
  private static final Duration PATIENCE = Duration.ofMinutes(2);

  private final @Nullable AccessTokens tokens;
  private final Clock clock;
  private final Map<String, Tokens> had = new LinkedHashMap<>();

  /**
   * Creates a doctor that requests each token once.
   *
   * @param tokens the tokens of the configuration, or null if no listener signs devices in
   */
  public Doctor(@Nullable AccessTokens tokens, Clock clock) {
    this.tokens = tokens;
    this.clock = clock;
  }

  /**
   * Checks the path of a listener.
   *
   * @param checkTarget the mailbox, or null if devices sign in themselves
   * @param senders the other addresses that the account may send as
   */
  public CheckResult examine(
      String listener,
      MailOriginConnection way,
      @Nullable CheckTarget checkTarget,
      List<String> senders)
      throws InterruptedException {
    List<Finding> findings = new ArrayList<>();
    findings.addAll(new OriginCheck(way).examine(checkTarget != null));
    if (checkTarget == null) {
      findings.add(
          Finding.skipped(
              Step.SIGN_IN, "devices sign in to the origin themselves (signIn: false)"));
    } else {
      signIn(way, checkTarget, senders, findings);
    }
    return new CheckResult(
        listener,
        way.origin().toString(),
        checkTarget == null ? "" : checkTarget.mailbox(),
        findings);
  }

  private void signIn(
      MailOriginConnection way,
      CheckTarget checkTarget,
      List<String> senders,
      List<Finding> findings)
      throws InterruptedException {
    boolean reached = findings.stream().noneMatch(Finding::isFailure);
    Tokens had = tokens(checkTarget.mailbox());
    findings.add(token(checkTarget, had));
    AccessToken usable = had.usable();
    if (usable != null) {
      findings.add(new TokenCheck(checkTarget, clock).examine(usable));
      // The origin's reply decides, whatever the token contains.
      if (reached) {
        findings.addAll(new SignInCheck(way, checkTarget).examine(usable, senders));
      }
    }
    if (findings.stream().noneMatch(finding -> finding.step() == Step.SIGN_IN)) {
      findings.add(
          Finding.skipped(
              Step.SIGN_IN, reached ? "there is no token" : "the origin is unreachable"));
    }
  }

  private static Finding token(CheckTarget checkTarget, Tokens had) {
    AccessToken kept = had.kept();
    String rest = kept == null ? "" : "; a cached token is valid until " + kept.expires();
    if (had.asked() instanceof TokenResult.Unavailable unavailable) {
      return Finding.failed(
          Step.TOKEN, TokenRemedies.unavailable(checkTarget), unavailable.why() + rest);
    }
    if (had.asked() instanceof TokenResult.Refused refused) {
      return Finding.failed(
          Step.TOKEN, TokenRemedies.refused(checkTarget, refused.why()), refused.why() + rest);
    }
    if (had.asked() instanceof TokenResult.Issued) {
      return Finding.ok(
          Step.TOKEN,
          "from "
              + checkTarget.signIn().tenantAuthority()
              + had.until().map(end -> ", until " + end).orElse(""));
    }
    throw new UnhandledVariantException(had.asked());
  }

  /** The tokens of a mailbox, requested once. */
  private Tokens tokens(String mailbox) throws InterruptedException {
    if (tokens == null) {
      throw new IllegalStateException("a mailbox to check needs tokens");
    }
    Tokens known = had.get(mailbox);
    if (known == null) {
      TokenResult first = answer(tokens.token(mailbox));
      // A cached token does not prove that the secret and the consent are valid today.
      known =
          first instanceof TokenResult.Issued kept
              ? new Tokens(kept.token(), answer(tokens.renew(mailbox, kept.token())))
              : new Tokens(null, first);
      had.put(mailbox, known);
    }
    return known;
  }

  /**
   * The tokens of a mailbox.
   *
   * @param kept the cached token, or else the first issued one; null for none
   * @param asked the result of a new request
   */
  private record Tokens(@Nullable AccessToken kept, TokenResult asked) {
    Optional<Instant> until() {
      return Optional.ofNullable(usable()).map(AccessToken::expires);
    }

    @Nullable AccessToken usable() {
      return asked instanceof TokenResult.Issued issued ? issued.token() : kept;
    }
  }

  private static TokenResult answer(CompletionStage<TokenResult> stage)
      throws InterruptedException {
    CompletableFuture<TokenResult> answer = stage.toCompletableFuture();
    try {
      return answer.get(PATIENCE.toSeconds(), TimeUnit.SECONDS);
    } catch (TimeoutException late) {
      return new TokenResult.Unavailable("no response for " + PATIENCE.toSeconds() + " s");
    } catch (ExecutionException fault) {
      Throwable cause = fault.getCause();
      return new TokenResult.Unavailable((cause == null ? fault : cause).getClass().getName());
    }
  }
}
