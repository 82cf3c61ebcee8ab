package org.tlsuplift.bench;

import io.netty.channel.EventLoopGroup;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.function.Predicate;
import org.tlsuplift.bench.load.Load;

/**
 * The same work for both halves of one proxy, in short turns, so that whatever else the machine
 * does hits both.
 *
 * <p>Some threads may be charged to the half with the extra work, also for what they do later,
 * during a turn of the other. The compiler of the JVM is not counted, because it ends later.
 */
final class Turns {
  /** In this order what gets slower or faster evenly hits both alike. */
  private static final String ORDER = "abbabaabbaababba";

  /** Turns of each half in a round. */
  static final int OF_EACH = ORDER.length() / 2;

  /** For the last connections, which the proxy has yet to close. */
  private static final long SETTLE_MILLIS = 50;

  private static final double GB = 1e9;

  private final EventLoopGroup loops;
  private final Contestants.Halves halves;
  private final Predicate<String> onlyExtra;

  /** The work of one turn, at a proxy's ports. */
  @FunctionalInterface
  interface Planned {
    Load.Plan at(Contestant.Ports ports);
  }

  /**
   * Loads two halves.
   *
   * @param onlyExtra the names of threads that only one half has work for
   */
  Turns(EventLoopGroup loops, Contestants.Halves halves, Predicate<String> onlyExtra) {
    this.loops = loops;
    this.halves = halves;
    this.onlyExtra = onlyExtra;
  }

  /** CPU milliseconds for each connection, or seconds for each GB. */
  Row.Round run(Planned work) throws Exception {
    Half plain = new Half(work.at(halves.plain()));
    Half extra = new Half(work.at(halves.extra()));
    long before = nanos(onlyExtra);
    for (int i = 0; i < ORDER.length(); i++) {
      (ORDER.charAt(i) == 'a' ? plain : extra).takeTurn();
    }
    extra.used += nanos(onlyExtra) - before;
    return new Row.Round(plain.sample(), extra.sample(), 0);
  }

  private long nanos(Predicate<String> which) throws Exception {
    return halves.proxy().cpuNanosByThread().entrySet().stream()
        .filter(thread -> which.test(thread.getKey()))
        .mapToLong(Map.Entry::getValue)
        .sum();
  }

  private boolean works(String thread) {
    return !onlyExtra.test(thread) && !thread.matches("C[12] Compiler.*");
  }

  /** What one half did and used in a round. */
  private final class Half {
    private final Load.Plan plan;
    private final List<String> errors = new ArrayList<>();
    private long used;
    private long connections;
    private long bytes;

    Half(Load.Plan plan) {
      this.plan = plan;
    }

    void takeTurn() throws Exception {
      long before = nanos(Turns.this::works);
      Load.Outcome outcome = Load.run(loops, plan);
      Thread.sleep(SETTLE_MILLIS);
      used += nanos(Turns.this::works) - before;
      connections += outcome.connections();
      bytes += outcome.bytes();
      outcome.errors().forEach(why -> errors.add(String.valueOf(why)));
    }

    Row.Sample sample() {
      boolean bulk = plan.then() == Load.Then.REPEAT;
      return new Row.Sample(
          bulk ? used / 1e9 / (bytes / GB) : used / 1e6 / connections,
          errors,
          bulk ? bytes : connections,
          Double.NaN,
          Double.NaN);
    }
  }
}
