package org.tlsuplift.bench.load;

import io.netty.channel.ChannelFuture;
import io.netty.channel.EventLoopGroup;
import java.time.Duration;
import java.util.List;
import java.util.Queue;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.atomic.LongAdder;
import java.util.concurrent.locks.LockSupport;
import org.jspecify.annotations.Nullable;

/**
 * Devices in an open loop: they come at a fixed rate and do not wait for each other. Each visit
 * ends with a close.
 *
 * <p>A visit begins when it is due, even if this process is late, so that a load that cannot keep
 * up shows as latency and does not hide that of the proxy.
 */
public final class OpenLoad {
  private final EventLoopGroup loops;
  private final Plan plan;
  private final Set<Attempt> open = ConcurrentHashMap.newKeySet();
  private final LongAdder resumed = new LongAdder();
  private final Queue<Long> latencies = new ConcurrentLinkedQueue<>();
  private final Queue<Throwable> errors = new ConcurrentLinkedQueue<>();

  /**
   * The work.
   *
   * @param port of the proxy on 127.0.0.1
   * @param rate visits a second
   * @param grace how long visits have after the last has begun
   * @param devices from so many addresses of 127.0.0.0/8, in turns
   * @param atOnce a visit that is due when so many are open does not take place
   */
  public record Plan(
      int port,
      DeviceTls tls,
      Visit visit,
      double rate,
      Duration time,
      Duration grace,
      int devices,
      int atOnce) {}

  /**
   * What came of it.
   *
   * @param due visits
   * @param missed those that did not take place
   * @param latencies nanoseconds from when a visit was due to the answer, ascending; of those that
   *     got one
   */
  public record Outcome(
      long due, long missed, long resumed, List<Long> latencies, List<Throwable> errors) {}

  private OpenLoad(EventLoopGroup loops, Plan plan) {
    this.loops = loops;
    this.plan = plan;
  }

  /** Does the work and waits for it. What has no answer after the grace is closed. */
  public static Outcome run(EventLoopGroup loops, Plan plan) {
    return new OpenLoad(loops, plan).run();
  }

  private Outcome run() {
    long begin = System.nanoTime();
    long visits = Math.round(plan.rate() * plan.time().toNanos() / 1e9);
    long missed = 0;
    for (long i = 0; i < visits; i++) {
      long due = begin + (long) (i * 1e9 / plan.rate());
      sleepUntil(due);
      if (open.size() < plan.atOnce()) {
        new Attempt(due).begin((int) (i % plan.devices()));
      } else {
        missed++;
      }
    }
    long end = System.nanoTime() + plan.grace().toNanos();
    while (!open.isEmpty() && System.nanoTime() - end < 0) {
      LockSupport.parkNanos(1_000_000);
    }
    Outcome outcome =
        new Outcome(
            visits,
            missed,
            resumed.sum(),
            latencies.stream().sorted().toList(),
            List.copyOf(errors));
    open.forEach(Attempt::abandon);
    return outcome;
  }

  private static void sleepUntil(long due) {
    for (long left = due - System.nanoTime(); left > 0; left = due - System.nanoTime()) {
      LockSupport.parkNanos(left);
    }
  }

  /** One visit. */
  private final class Attempt implements Device.Events {
    private final long due;
    private volatile @Nullable ChannelFuture connecting;

    Attempt(long due) {
      this.due = due;
    }

    void begin(int number) {
      open.add(this);
      Device device = plan.visit().device(plan.tls(), plan.port(), resumed, this);
      connecting = Load.connect(loops, device, plan.port(), number, plan.devices());
    }

    @Override
    public void answered(Device device) {
      latencies.add(System.nanoTime() - due);
      open.remove(this);
      device.close();
    }

    @Override
    public void failed(Device device, Throwable why) {
      if (open.remove(this)) {
        errors.add(why);
      }
    }

    void abandon() {
      ChannelFuture begun = connecting;
      if (open.remove(this) && begun != null) {
        var unused = begun.channel().close();
      }
    }
  }
}
