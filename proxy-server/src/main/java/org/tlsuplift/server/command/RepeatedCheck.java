package org.tlsuplift.server.command;

import java.time.Clock;
import java.time.Duration;
import java.time.LocalTime;
import java.time.ZoneId;
import java.time.temporal.ChronoUnit;
import java.util.List;
import java.util.concurrent.Callable;
import java.util.function.Consumer;

/** Repeats a check until it succeeds, while Microsoft's servers may not know a change yet. */
final class RepeatedCheck {
  /** Microsoft's servers usually need 15 to 30 minutes, and sometimes an hour or more. */
  static final int MOST = 25;

  static final Duration INTERVAL = Duration.ofMinutes(5);

  private final Consumer<String> output;
  private final Clock clock;
  private final Pause pause;

  /** Waits on the calling thread. */
  interface Pause {
    void sleep(Duration time) throws InterruptedException;
  }

  /**
   * The result of one check.
   *
   * @param lines for the operator
   * @param mayPass whether it failed only for reasons that can pass by themselves
   */
  record Result(List<String> lines, boolean mayPass, int exitCode) {
    Result {
      lines = List.copyOf(lines);
    }
  }

  RepeatedCheck(Consumer<String> output, Clock clock, Pause pause) {
    this.output = output;
    this.clock = clock;
    this.pause = pause;
  }

  /**
   * Prints each result that differs from the last one.
   *
   * @return the last result
   */
  Result run(Callable<Result> check) throws Exception {
    Result last = check.call();
    last.lines().forEach(output);
    for (int next = 2; last.mayPass() && next <= MOST; next++) {
      LocalTime at =
          LocalTime.ofInstant(clock.instant().plus(INTERVAL), ZoneId.systemDefault())
              .truncatedTo(ChronoUnit.MINUTES);
      output.accept(
          "Microsoft's servers may need up to an hour. Check %d of %d follows in %d minutes, at %s; Ctrl-C stops."
              .formatted(next, MOST, INTERVAL.toMinutes(), at));
      pause.sleep(INTERVAL);
      Result result = check.call();
      if (result.lines().equals(last.lines())) {
        output.accept("No change.");
      } else {
        result.lines().forEach(output);
      }
      last = result;
    }
    if (last.mayPass()) {
      output.accept(
          "Still not working after %d checks: do what the failed step says, and check again."
              .formatted(MOST));
    }
    return last;
  }
}
