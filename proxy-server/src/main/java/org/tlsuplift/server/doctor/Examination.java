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
public record Examination(String listener, String origin, String mailbox, List<Finding> findings) {
  public Examination {
    findings = List.copyOf(findings);
  }

  /** What is wrong first of all. */
  public Optional<Ailment> ailment() {
    return findings.stream().filter(Finding::isFailure).findFirst().map(Finding::ailment);
  }
}
