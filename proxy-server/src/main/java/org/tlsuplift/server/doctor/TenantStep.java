package org.tlsuplift.server.doctor;

import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.function.Predicate;
import org.tlsuplift.proxy.model.MailProtocol;
import org.tlsuplift.server.feature.CheckResult;
import org.tlsuplift.server.feature.FailureKind;
import org.tlsuplift.server.feature.Finding;
import org.tlsuplift.server.feature.Step;

/**
 * The steps of a tenant's set-up, in the order in which Microsoft needs them. Their results are
 * those of the {@link Doctor}, sorted by what the administrator of the tenant must do.
 */
public enum TenantStep {
  /** The identity platform knows the application and its credential. */
  TOKEN("token"),
  /** The application has the permission for the protocol, and an administrator has consented. */
  APPLICATION_PERMISSION("application permission"),
  /** Exchange Online knows the service principal, with the right object ID. */
  SERVICE_PRINCIPAL("service principal"),
  /** The service principal may open the mailbox and send as it. */
  MAILBOX_PERMISSION("mailbox permission"),
  /** SMTP AUTH is switched on for the mailbox. */
  SMTP_AUTH("SMTP AUTH"),
  /** The origin accepts the token for the mailbox. */
  FIRST_SIGN_IN("first sign-in");

  /** What the administrator of the tenant grants or takes away. */
  private static final Set<FailureKind> OF_THE_TENANT =
      Set.of(
          PathFailure.APPLICATION_UNKNOWN,
          PathFailure.PROOF_WRONG,
          PathFailure.NO_CONSENT,
          PathFailure.MISSING_RIGHT,
          PathFailure.SIGN_IN_REFUSED,
          PathFailure.SMTP_AUTH_DISABLED,
          PathFailure.NO_MAILBOX_ACCESS,
          PathFailure.SENDER_REFUSED);

  /** Policies of the tenant have this code, too; a missing permission has another one. */
  private static final String POLICY = "5.7.139";

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
      return is(PathFailure.BUSY);
    }

    /** Whether it proves that the tenant does not let this installation in. */
    public boolean isRefusal() {
      return is(PathFailure.TENANT_UNKNOWN);
    }

    private boolean is(FailureKind other) {
      FailureKind kind = finding.failureKind();
      return kind != null && (kind == other || OF_THE_TENANT.contains(kind));
    }

    public boolean isFailure() {
      return finding.isFailure();
    }
  }

  /**
   * The steps of a mailbox.
   *
   * @param title names the mailbox, the protocol and the tenant
   */
  public record Checked(String title, List<Result> results) {
    public Checked {
      results = List.copyOf(results);
    }
  }

  public static List<Result> failures(List<Checked> all) {
    return all.stream()
        .flatMap(checked -> checked.results().stream())
        .filter(Result::isFailure)
        .toList();
  }

  /** Whether there are failures, and all of them can pass by themselves. */
  public static boolean mayPass(List<Checked> all) {
    List<Result> failures = failures(all);
    return !failures.isEmpty() && failures.stream().allMatch(Result::mayPass);
  }

  /**
   * The results of a mailbox that signs in with a token.
   *
   * @param application whether the application signs in, and no user
   */
  public static List<Result> of(CheckResult checked, MailProtocol protocol, boolean application) {
    Finding signIn = find(checked, PathStep.SIGN_IN);
    Optional<Finding> sender = failure(checked, step -> step == PathStep.SENDER);
    Optional<Finding> path = failure(checked, TenantStep::isPath);
    FailureKind kind = signIn.failureKind();
    // This reply does not tell a wrong service principal from a missing permission.
    boolean unknown = kind == PathFailure.SIGN_IN_REFUSED && !signIn.seen().contains(POLICY);
    boolean principal = unknown && application;
    boolean access = kind == PathFailure.NO_MAILBOX_ACCESS || (unknown && !application);
    boolean smtpAuth = kind == PathFailure.SMTP_AUTH_DISABLED;
    boolean signedIn = signIn.outcome() == Finding.Outcome.OK;
    Finding waits = skipped("a step above must succeed first");
    return List.of(
        new Result(TOKEN, find(checked, PathStep.TOKEN)),
        new Result(APPLICATION_PERMISSION, find(checked, PathStep.RIGHTS)),
        new Result(
            SERVICE_PRINCIPAL,
            !application
                ? skipped("a user signs in, so none is needed")
                : principal ? signIn : reached(signedIn, "known to Exchange Online", signIn)),
        new Result(
            MAILBOX_PERMISSION,
            access
                ? signIn
                : principal
                    ? waits
                    : sender.orElseGet(
                        () -> reached(signedIn, "the mailbox can be opened", signIn))),
        new Result(
            SMTP_AUTH,
            protocol != MailProtocol.SMTP
                ? skipped(protocol.label() + " does not need it")
                : smtpAuth ? signIn : reached(signedIn, "on for the mailbox", signIn)),
        new Result(
            FIRST_SIGN_IN,
            path.orElse(
                principal || access || smtpAuth
                    ? waits
                    : signedIn ? Finding.ok(PathStep.SIGN_IN, "at " + checked.origin()) : signIn)));
  }

  private static Finding reached(boolean signedIn, String seen, Finding signIn) {
    return signedIn ? Finding.ok(PathStep.SIGN_IN, seen) : unknown(signIn);
  }

  private static Finding skipped(String why) {
    return Finding.skipped(PathStep.SIGN_IN, why);
  }

  private static Optional<Finding> failure(CheckResult checked, Predicate<Step> step) {
    return checked.findings().stream()
        .filter(finding -> finding.isFailure() && step.test(finding.step()))
        .findFirst();
  }

  private static Finding unknown(Finding signIn) {
    return Finding.skipped(
        PathStep.SIGN_IN,
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
    return step instanceof PathStep one
        && one.compareTo(PathStep.ACCOUNT) > 0
        && one.compareTo(PathStep.TOKEN) < 0;
  }
}
