package org.tlsuplift.bench;

import io.netty.channel.EventLoopGroup;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.concurrent.Callable;
import java.util.function.Predicate;
import org.tlsuplift.bench.load.Load;

/**
 * Measures rows at the two halves of one proxy, in several fresh processes: how a JVM has compiled
 * its code differs from run to run.
 */
final class CostRuns {
  private static final int MAX_WARMUPS = 8;

  private final Settings settings;
  private final EventLoopGroup loops;
  private final Predicate<String> onlyExtra;

  /** The work of a row in one turn. */
  @FunctionalInterface
  interface Plans {
    Load.Plan plan(String id, Contestant.Ports ports, Duration time);
  }

  /**
   * Measures by these settings.
   *
   * @param onlyExtra the names of threads that only one half has work for
   */
  CostRuns(Settings settings, EventLoopGroup loops, Predicate<String> onlyExtra) {
    this.settings = settings;
    this.loops = loops;
    this.onlyExtra = onlyExtra;
  }

  /**
   * Adds rounds to rows.
   *
   * @param handshakes the ID of the work that makes handshakes, of which the settings want so many
   *     in the warm-up; if it is no row, it is done before the first
   */
  void measure(List<Row> rows, Callable<Contestants.Halves> start, String handshakes, Plans plans)
      throws Exception {
    for (int run = 1; run <= settings.costRuns(); run++) {
      try (Contestants.Halves halves = start.call()) {
        System.out.println("run " + run);
        Turns turns = new Turns(loops, halves, onlyExtra);
        if (rows.stream().noneMatch(row -> row.id().equals(handshakes))) {
          warmUp(turns, handshakes, handshakes, plans);
        }
        for (Row row : rows) {
          System.out.println(row.title());
          warmUp(turns, row.id(), handshakes, plans);
          Map<String, Long> before = halves.proxy().cpuNanosByThread();
          for (int round = 0; round < settings.rounds(); round++) {
            Row.Round last = turns.run(planned(plans, row.id(), settings.round()));
            row.rounds().add(last);
            System.out.printf(
                "  %d: %.3f %.3f %s, ratio %.3f%n",
                round + 1, last.peer().value(), last.uplift().value(), row.unit(), last.ratio());
          }
          threads(before, halves.proxy().cpuNanosByThread());
        }
      }
    }
  }

  private static Turns.Planned planned(Plans plans, String id, Duration time) {
    Duration each = time.dividedBy(Turns.OF_EACH);
    return ports -> plans.plan(id, ports, each);
  }

  /** As long as the settings say; of handshakes there must be so many too. */
  private void warmUp(Turns turns, String id, String handshakes, Plans plans) throws Exception {
    long end = System.nanoTime() + settings.warmup().multipliedBy(MAX_WARMUPS).toNanos();
    Duration half = settings.warmup().dividedBy(2);
    long done = 0;
    do {
      Row.Round round = turns.run(planned(plans, id, half));
      done += round.peer().work() + round.uplift().work();
    } while (id.equals(handshakes)
        && done < settings.warmupHandshakes()
        && System.nanoTime() < end);
    System.out.println("  warm after " + done + " connections or bytes");
  }

  /** Which threads took the CPU in all rounds of a row, of both. */
  private static void threads(Map<String, Long> before, Map<String, Long> after) {
    Map<String, Long> used = new TreeMap<>();
    after.forEach((name, nanos) -> used.put(name, nanos - before.getOrDefault(name, 0L)));
    long all = used.values().stream().mapToLong(Long::longValue).sum();
    System.out.printf("  threads, of %.0f ms:%n", all / 1e6);
    used.forEach(
        (name, nanos) -> {
          if (nanos * 5000 >= all) {
            System.out.printf(
                "    %-15s %8.1f ms %6.2f %%%n", name, nanos / 1e6, 100.0 * nanos / all);
          }
        });
  }
}
