package org.tlsuplift.server.doctor;

import java.time.Clock;
import java.time.Duration;
import java.time.LocalTime;
import java.time.ZoneId;
import java.time.temporal.ChronoUnit;
import java.util.List;
import java.util.function.Consumer;

/**
 * Repeats a check until it succeeds, while Microsoft's servers may not know a change yet.
 *
 * @param results receives what the operator has not seen yet
 * @param lines receives sentences for the operator
 */
public record RepeatedCheck(
    Consumer<TenantStep.Checked> results, Consumer<String> lines, Clock clock, Pause pause) {
  /** A change usually takes 15 to 60 minutes, and up to two hours for roles. */
  static final int MOST = 25;

  static final Duration INTERVAL = Duration.ofMinutes(5);

  /** Checks all mailboxes. */
  public interface Check {
    /**
     * @param each gets the results of a mailbox at once
     * @return the results of all mailboxes
     */
    List<TenantStep.Checked> examine(Consumer<TenantStep.Checked> each) throws Exception;
  }

  /** Waits on the calling thread. */
  public interface Pause {
    void sleep(Duration time) throws InterruptedException;
  }

  /**
   * Shows each result whose failures differ from those before.
   *
   * @return the last result
   */
  public List<TenantStep.Checked> run(Check check) throws Exception {
    List<TenantStep.Checked> last = check.examine(results);
    for (int next = 2; TenantStep.mayPass(last) && next <= MOST; next++) {
      lines.accept(
          "a change usually takes 15 to 60 minutes, and up to two hours for roles; checked again in %d minutes, at %s (check %d of %d)"
              .formatted(
                  INTERVAL.toMinutes(),
                  LocalTime.ofInstant(clock.instant().plus(INTERVAL), ZoneId.systemDefault())
                      .truncatedTo(ChronoUnit.MINUTES),
                  next,
                  MOST));
      pause.sleep(INTERVAL);
      List<TenantStep.Checked> result = check.examine(checked -> {});
      if (TenantStep.failures(result).equals(TenantStep.failures(last))) {
        lines.accept("no change");
      } else {
        result.forEach(results);
      }
      last = result;
    }
    if (TenantStep.mayPass(last)) {
      lines.accept(
          "still not working after %d checks: do what the failed step says, and check again"
              .formatted(MOST));
    }
    return last;
  }
}
