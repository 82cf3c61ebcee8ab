package org.tlsuplift.server.doctor;

import java.util.List;
import java.util.Optional;

/**
 * What was found at one listener, for one mailbox.
 *
 * @param listener its name
 * @param origin where it leads
 * @param mailbox whose, or empty where devices sign in by themselves
 */
public record CheckResult(String listener, String origin, String mailbox, List<Finding> findings) {
  public CheckResult {
    findings = List.copyOf(findings);
  }

  /** What is wrong first of all. */
  public Optional<FailureKind> failureKind() {
    return findings.stream().filter(Finding::isFailure).findFirst().map(Finding::failureKind);
  }
}
