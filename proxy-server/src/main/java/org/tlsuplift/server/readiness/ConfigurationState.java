package org.tlsuplift.server.readiness;

import java.time.Instant;
import java.util.List;

/**
 * The configuration that the daemon uses, and the result of the latest reload.
 *
 * @param generation 1 for the configuration of the start; each applied reload adds one
 * @param loadedAt when the configuration in use was loaded
 * @param problems why the latest reload was not applied, one line each; empty if it was
 * @param earlierSessions the number of open sessions that still use an earlier configuration
 */
public record ConfigurationState(
    int generation, Instant loadedAt, List<String> problems, int earlierSessions) {
  public ConfigurationState {
    problems = List.copyOf(problems);
  }
}
