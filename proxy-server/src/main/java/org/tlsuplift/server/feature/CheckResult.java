package org.tlsuplift.server.feature;

import java.util.List;
import java.util.Optional;

/**
 * The findings for one listener and one mailbox, for the OpenID provider, or for the messages that
 * wait.
 *
 * @param listener empty for the OpenID provider, whose issuer is the origin, and for the messages
 *     that wait
 * @param origin empty for the messages that wait
 * @param mailbox empty if devices sign in themselves
 * @param tenant the name of the tenant that issues the token; empty without a token
 */
public record CheckResult(
    String listener, String origin, String mailbox, String tenant, List<Finding> findings) {
  public CheckResult {
    findings = List.copyOf(findings);
  }

  /** The first failure. */
  public Optional<FailureKind> failureKind() {
    return findings.stream().filter(Finding::isFailure).findFirst().map(Finding::failureKind);
  }
}
