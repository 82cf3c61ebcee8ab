package org.tlsuplift.server.doctor;

import java.nio.file.Path;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;
import org.tlsuplift.proxy.model.UnhandledVariantException;
import org.tlsuplift.proxy.outcome.OperatorException;
import org.tlsuplift.proxy.signin.AccessToken;
import org.tlsuplift.proxy.signin.AccessTokens;
import org.tlsuplift.proxy.signin.TokenResult;
import org.tlsuplift.proxy.signin.dialogue.OriginExchange;
import org.tlsuplift.server.config.secret.PasswordFile;
import org.tlsuplift.server.doctor.OriginCheck.OriginCredential;
import org.tlsuplift.server.feature.CheckResult;
import org.tlsuplift.server.feature.Diagnosis;
import org.tlsuplift.server.feature.Finding;
import org.tlsuplift.server.feature.Findings;

/**
 * Checks the whole path for mailboxes and listeners. A failed step does not stop the checks that do
 * not depend on it. The doctor finds a wrong secret while the firewall still blocks the origin.
 *
 * <p>All methods block, so never call them on an event loop.
 */
public final class Doctor {
  private static final Duration TIMEOUT = Duration.ofMinutes(2);

  private final Map<String, ? extends AccessTokens> tokens;
  private final Clock clock;
  private final Consumer<Finding> progress;
  private final Map<List<String>, Tokens> had = new HashMap<>();

  /**
   * Creates a doctor that requests each token once.
   *
   * @param tokens the tokens of each tenant, by its name
   * @param progress gets each finding as soon as its step has ended
   */
  public Doctor(
      Map<String, ? extends AccessTokens> tokens, Clock clock, Consumer<Finding> progress) {
    this.tokens = tokens;
    this.clock = clock;
    this.progress = progress;
  }

  /**
   * Checks the path of a listener without 'signIn'.
   *
   * @param spooled whether the listener has a spool, so that devices cannot sign in
   */
  public CheckResult examine(String listener, MailOriginConnection way, boolean spooled)
      throws InterruptedException {
    Findings findings = origin(way, OriginCredential.NONE);
    findings.add(
        Finding.skipped(
            PathStep.SIGN_IN,
            spooled
                ? "nobody signs in: the spool knows no passwords (signIn: false)"
                : "devices sign in to the origin themselves (signIn: false)"));
    return new CheckResult(listener, way.origin().toString(), null, null, findings.all());
  }

  /**
   * Checks the path of a listener for a mailbox.
   *
   * @param senders the other addresses that the account may send as
   */
  public CheckResult examine(
      String listener, MailOriginConnection way, CheckTarget checkTarget, List<String> senders)
      throws InterruptedException {
    Findings findings = origin(way, OriginCredential.TOKEN);
    boolean reached = findings.noneFailed();
    Tokens had = tokens(checkTarget);
    findings.add(token(checkTarget, had));
    AccessToken usable = had.usable();
    if (usable != null) {
      findings.add(new TokenCheck(checkTarget, clock).examine(usable));
    }
    if (usable != null && reached) {
      // The origin's reply decides, whatever the token contains.
      new SignInCheck(
              way,
              checkTarget.mailbox(),
              checkTarget.protocol(),
              Remedies.of(checkTarget),
              findings)
          .examine(
              OriginExchange.ofToken(checkTarget.protocol(), checkTarget.mailbox(), usable),
              checkTarget.mailbox(),
              senders);
    } else {
      findings.add(unreached(reached, "there is no token"));
    }
    return new CheckResult(
        listener,
        way.origin().toString(),
        checkTarget.mailbox(),
        checkTarget.tenant().name(),
        findings.all());
  }

  /**
   * Checks the path of a listener for an account with a password for the origin.
   *
   * @param senders the other addresses that the account may send as
   */
  public CheckResult examine(
      String listener, MailOriginConnection way, PasswordTarget target, List<String> senders)
      throws InterruptedException {
    Findings findings = origin(way, OriginCredential.PASSWORD);
    boolean reached = findings.noneFailed();
    Path file = target.upstream().passwordFile();
    String password = null;
    try {
      password = PasswordFile.upstream(file);
      findings.add(Finding.ok(PathStep.PASSWORD, "from " + file));
    } catch (OperatorException unusable) {
      findings.add(
          Finding.failed(
              PathStep.PASSWORD,
              Diagnosis.of(
                  PathFailure.PASSWORD_UNREADABLE,
                  "write the password into the first line of that file; only the daemon's user may read it (mode 600)"),
              unusable.getMessage()));
    }
    String user = target.upstream().user();
    if (password != null && reached) {
      new SignInCheck(
              way, target.mailbox(), target.protocol(), new PasswordRemedies(target), findings)
          .examine(OriginExchange.ofPassword(target.protocol(), user, password), user, senders);
    } else {
      findings.add(unreached(reached, "there is no password"));
    }
    return new CheckResult(
        listener, way.origin().toString(), target.mailbox(), null, findings.all());
  }

  /** Checks what can be checked without a message of an account that sends by Graph. */
  public CheckResult examineGraph(String listener, CheckTarget checkTarget)
      throws InterruptedException {
    Findings findings = new Findings(progress);
    findings.add(token(checkTarget, tokens(checkTarget)));
    String why = "only a message shows whether the application may send by Microsoft Graph";
    findings.add(Finding.skipped(PathStep.RIGHTS, why));
    findings.add(Finding.skipped(PathStep.SIGN_IN, why));
    return new CheckResult(
        listener,
        "Microsoft Graph",
        checkTarget.mailbox(),
        checkTarget.tenant().name(),
        findings.all());
  }

  private Findings origin(MailOriginConnection way, OriginCredential credential)
      throws InterruptedException {
    Findings findings = new Findings(progress);
    new OriginCheck(way, findings).examine(credential);
    return findings;
  }

  private static Finding unreached(boolean reached, String missing) {
    return Finding.skipped(PathStep.SIGN_IN, reached ? missing : "the origin is unreachable");
  }

  private static Finding token(CheckTarget checkTarget, Tokens had) {
    AccessToken kept = had.kept();
    String rest = kept == null ? "" : "; a cached token is valid until " + kept.expires();
    if (had.asked() instanceof TokenResult.Unavailable unavailable) {
      return Finding.failed(
          PathStep.TOKEN,
          TokenRemedies.unavailable(checkTarget, unavailable.why()),
          unavailable.why() + rest);
    }
    if (had.asked() instanceof TokenResult.Refused refused) {
      return Finding.failed(
          PathStep.TOKEN, TokenRemedies.refused(checkTarget, refused.why()), refused.why() + rest);
    }
    if (had.asked() instanceof TokenResult.Issued) {
      return Finding.ok(
          PathStep.TOKEN,
          "from "
              + checkTarget.tenant().tenantAuthority()
              + had.until().map(end -> ", until " + end).orElse(""));
    }
    throw new UnhandledVariantException(had.asked());
  }

  /** The tokens of a mailbox, requested once. */
  private Tokens tokens(CheckTarget checkTarget) throws InterruptedException {
    String mailbox = checkTarget.mailbox();
    AccessTokens tokens =
        Objects.requireNonNull(this.tokens.get(checkTarget.tenant().name()), "tokens");
    List<String> key = List.of(checkTarget.tenant().name(), mailbox);
    Tokens known = had.get(key);
    if (known == null) {
      TokenResult first = answer(tokens.token(mailbox));
      // A cached token does not prove that the secret and the consent are valid today.
      known =
          first instanceof TokenResult.Issued kept
              ? new Tokens(kept.token(), answer(tokens.renew(mailbox, kept.token())))
              : new Tokens(null, first);
      had.put(key, known);
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
      return answer.get(TIMEOUT.toSeconds(), TimeUnit.SECONDS);
    } catch (TimeoutException late) {
      return new TokenResult.Unavailable("no response for " + TIMEOUT.toSeconds() + " s");
    } catch (ExecutionException fault) {
      Throwable cause = fault.getCause();
      return new TokenResult.Unavailable((cause == null ? fault : cause).getClass().getName());
    }
  }
}
