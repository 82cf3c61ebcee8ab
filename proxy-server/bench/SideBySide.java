package org.tlsuplift.bench;

import io.netty.channel.EventLoopGroup;
import java.util.List;
import java.util.Map;
import java.util.concurrent.Callable;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;

/**
 * The same work for two proxies at the same time, so that whatever else the machine does hits both.
 * The compiler of their JVMs is not counted: it ends some day, and is what differs most.
 */
final class SideBySide {
  private static final double GB = 1e9;

  private final EventLoopGroup loops;
  private final Contestant peer;
  private final Contestant uplift;

  /** The work, at a proxy's port. */
  @FunctionalInterface
  interface Planned {
    Load.Plan at(Contestant proxy);
  }

  SideBySide(EventLoopGroup loops, Contestant peer, Contestant uplift) {
    this.loops = loops;
    this.peer = peer;
    this.uplift = uplift;
  }

  /** CPU milliseconds for each connection, or seconds for each GB. */
  Row.Round run(Planned work) throws Exception {
    ExecutorService threads = Executors.newFixedThreadPool(2);
    try {
      List<Future<Row.Sample>> samples =
          threads.invokeAll(
              List.<Callable<Row.Sample>>of(() -> run(peer, work), () -> run(uplift, work)));
      return new Row.Round(samples.get(0).get(), samples.get(1).get());
    } finally {
      threads.shutdown();
    }
  }

  private Row.Sample run(Contestant proxy, Planned work) throws Exception {
    Load.Plan plan = work.at(proxy);
    long before = nanos(proxy.cpuNanosByThread());
    Load.Outcome outcome = Load.run(loops, plan);
    // The last connections are yet to be closed by the proxy.
    Thread.sleep(RateRows.SETTLE.toMillis());
    double used = nanos(proxy.cpuNanosByThread()) - before;
    boolean bulk = plan.then() == Load.Then.REPEAT;
    return new Row.Sample(
        bulk ? used / 1e9 / (outcome.bytes() / GB) : used / 1e6 / outcome.connections(),
        outcome.errors().stream().map(why -> proxy.name() + ": " + why).toList(),
        bulk ? outcome.bytes() : outcome.connections(),
        Double.NaN,
        Double.NaN);
  }

  private static long nanos(Map<String, Long> threads) {
    return threads.entrySet().stream()
        .filter(thread -> !thread.getKey().matches("C[12] Compiler.*"))
        .mapToLong(Map.Entry::getValue)
        .sum();
  }
}
