package org.tlsuplift.server.doctor;

import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import org.tlsuplift.proxy.model.MailProtocol;

/**
 * The steps of a tenant's set-up, in the order in which Microsoft needs them. Their results are
 * those of the {@link Doctor}, sorted by what the administrator of the tenant must do.
 */
public enum TenantStep {
  /** The identity platform knows the application and its credential. */
  TOKEN("token"),
  /** The application has the permission for the protocol, and an administrator has consented. */
  APPLICATION_PERMISSION("application permission"),
  /** Exchange Online knows the service principal, which may open the mailbox and send as it. */
  MAILBOX_PERMISSION("mailbox permission"),
  /** SMTP AUTH is switched on for the mailbox. */
  SMTP_AUTH("SMTP AUTH"),
  /** The origin accepts the token for the mailbox. */
  FIRST_SIGN_IN("first sign-in");

  /** The failures that can pass by themselves when a change has reached Microsoft's servers. */
  private static final Set<FailureKind> PASSING =
      Set.of(
          FailureKind.APPLICATION_UNKNOWN,
          FailureKind.PROOF_WRONG,
          FailureKind.NO_CONSENT,
          FailureKind.MISSING_RIGHT,
          FailureKind.SIGN_IN_REFUSED,
          FailureKind.SMTP_AUTH_DISABLED,
          FailureKind.NO_MAILBOX_ACCESS,
          FailureKind.SENDER_REFUSED,
          FailureKind.BUSY);

  /** Policies of the tenant have this code, too; a missing permission has another one. */
  private static final String POLICY = "5.7.139";

  private static final String WAIT =
      "right after a change: Microsoft's servers may need up to an hour; with --wait, this command checks again every 5 minutes";

  private final String label;

  TenantStep(String label) {
    this.label = label;
  }

  public String label() {
    return label;
  }

  /**
   * The result of a step.
   *
   * @param finding has the outcome and the remedy; its own step is the doctor's
   */
  public record Result(TenantStep step, Finding finding) {
    /** Whether the failure can pass by itself, because a change has not reached all servers. */
    public boolean mayPass() {
      return finding.failureKind() != null && PASSING.contains(finding.failureKind());
    }

    public boolean isFailure() {
      return finding.isFailure();
    }
  }

  /** The results of a mailbox that signs in with a token. */
  public static List<Result> of(CheckResult checked, MailProtocol protocol) {
    Finding signIn = find(checked, Step.SIGN_IN);
    Optional<Finding> sender =
        checked.findings().stream()
            .filter(finding -> finding.step() == Step.SENDER && finding.isFailure())
            .findFirst();
    Optional<Finding> path =
        checked.findings().stream()
            .filter(finding -> finding.isFailure() && isPath(finding.step()))
            .findFirst();
    FailureKind kind = signIn.failureKind();
    boolean access =
        kind == FailureKind.NO_MAILBOX_ACCESS
            || (kind == FailureKind.SIGN_IN_REFUSED && !signIn.seen().contains(POLICY));
    boolean smtpAuth = kind == FailureKind.SMTP_AUTH_DISABLED;
    boolean signedIn = signIn.outcome() == Finding.Outcome.OK;
    List<Result> results = new ArrayList<>();
    results.add(new Result(TOKEN, find(checked, Step.TOKEN)));
    results.add(new Result(APPLICATION_PERMISSION, find(checked, Step.RIGHTS)));
    results.add(
        new Result(
            MAILBOX_PERMISSION,
            access
                ? signIn
                : sender.orElseGet(
                    () ->
                        signedIn
                            ? Finding.ok(Step.SIGN_IN, "the mailbox can be opened")
                            : unknown(signIn))));
    results.add(
        new Result(
            SMTP_AUTH,
            protocol != MailProtocol.SMTP
                ? Finding.skipped(Step.SIGN_IN, protocol.label() + " does not need it")
                : smtpAuth
                    ? signIn
                    : signedIn ? Finding.ok(Step.SIGN_IN, "on for the mailbox") : unknown(signIn)));
    results.add(
        new Result(
            FIRST_SIGN_IN,
            path.orElse(
                access || smtpAuth
                    ? Finding.skipped(Step.SIGN_IN, "a step above must succeed first")
                    : signedIn ? Finding.ok(Step.SIGN_IN, "at " + checked.origin()) : signIn)));
    return results.stream().map(TenantStep::advised).toList();
  }

  private static Result advised(Result result) {
    Finding finding = result.finding();
    if (!result.mayPass()) {
      return result;
    }
    List<String> remedy = new ArrayList<>(finding.remedy());
    remedy.add(WAIT);
    return new Result(
        result.step(),
        new Finding(
            finding.step(), finding.outcome(), finding.seen(), finding.failureKind(), remedy));
  }

  private static Finding unknown(Finding signIn) {
    return Finding.skipped(
        Step.SIGN_IN,
        signIn.outcome() == Finding.Outcome.SKIPPED
            ? signIn.seen()
            : "the origin's reply does not tell");
  }

  private static Finding find(CheckResult checked, Step step) {
    return checked.findings().stream()
        .filter(finding -> finding.step() == step)
        .findFirst()
        .orElseGet(() -> Finding.skipped(step, "there is no token"));
  }

  /** Whether a step belongs to the connection to the origin. */
  private static boolean isPath(Step step) {
    return step.compareTo(Step.ACCOUNT) > 0 && step.compareTo(Step.TOKEN) < 0;
  }
}
