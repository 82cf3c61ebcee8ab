package org.tlsuplift.server.feature;

import java.util.List;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * The findings of a check.
 *
 * @param title what was checked, in words
 * @param listener null for a check that is not about one
 * @param origin may be empty
 * @param mailbox null if devices sign in themselves
 * @param tenant the name of the tenant that issues the token; null without a token
 */
public record CheckResult(
    String title,
    @Nullable String listener,
    String origin,
    @Nullable String mailbox,
    @Nullable String tenant,
    List<Finding> findings) {
  public CheckResult {
    findings = List.copyOf(findings);
  }

  /** For the path of a listener. */
  public CheckResult(
      String listener,
      String origin,
      @Nullable String mailbox,
      @Nullable String tenant,
      List<Finding> findings) {
    this(
        "listener %s, to %s%s%s"
            .formatted(
                listener,
                origin,
                mailbox == null ? "" : ", as " + mailbox,
                tenant == null ? "" : " of tenant " + tenant),
        listener,
        origin,
        mailbox,
        tenant,
        findings);
  }

  /** For what is not the path of a listener. */
  public static CheckResult of(String title, String origin, List<Finding> findings) {
    return new CheckResult(title, null, origin, null, null, findings);
  }

  /** The first failure. */
  public Optional<FailureKind> failureKind() {
    return findings.stream().filter(Finding::isFailure).findFirst().map(Finding::failureKind);
  }
}
