package org.tlsuplift.bench.load;

import io.netty.bootstrap.Bootstrap;
import io.netty.channel.ChannelFuture;
import io.netty.channel.ChannelFutureListener;
import io.netty.channel.ChannelOption;
import io.netty.channel.EventLoopGroup;
import io.netty.channel.epoll.EpollChannelOption;
import io.netty.channel.epoll.EpollSocketChannel;
import java.time.Duration;
import java.util.List;
import java.util.Queue;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.LongAdder;

/**
 * Devices in a closed loop: as many as are allowed at once, each followed by the next.
 *
 * <p>Ends when the time is over (a request that runs then is finished) or the count is reached.
 */
public final class Load implements Device.Events {
  private static final Duration GRACE = Duration.ofSeconds(20);

  private final EventLoopGroup loops;
  private final Plan plan;
  private final long endNanos;
  private final AtomicInteger left;
  private final CountDownLatch running;
  private final AtomicInteger started = new AtomicInteger();
  private final LongAdder connections = new LongAdder();
  private final LongAdder bytes = new LongAdder();
  private final LongAdder resumed = new LongAdder();
  private final Queue<Long> latencies = new ConcurrentLinkedQueue<>();
  private final Queue<Throwable> errors = new ConcurrentLinkedQueue<>();
  private final Queue<Device> held = new ConcurrentLinkedQueue<>();

  /** What a connection does after an answer. */
  public enum Then {
    /** Closes; another takes its place. */
    CLOSE,
    /** Asks again until the time is over. */
    REPEAT,
    /** Stays open and idle; another is opened. */
    HOLD
  }

  /**
   * The work.
   *
   * @param port of the proxy on 127.0.0.1
   * @param connections at most
   * @param devices from so many addresses of 127.0.0.0/8, in turns; one is 127.0.0.1
   * @param period from the beginning of a connection to that of the one that takes its place, if it
   *     is over by then
   */
  public record Plan(
      int port,
      DeviceTls tls,
      Visit visit,
      Then then,
      int concurrency,
      Duration time,
      int connections,
      int devices,
      Duration period) {
    /** Without a pause. */
    public Plan(
        int port,
        DeviceTls tls,
        Visit visit,
        Then then,
        int concurrency,
        Duration time,
        int connections) {
      this(port, tls, visit, then, concurrency, time, connections, 1, Duration.ZERO);
    }

    /** Without a pause, until the time is over. */
    public Plan(int port, DeviceTls tls, Visit visit, Then then, int concurrency, Duration time) {
      this(port, tls, visit, then, concurrency, time, Integer.MAX_VALUE);
    }
  }

  /**
   * What came of it.
   *
   * @param latencies nanoseconds from connect to the answer, ascending
   * @param errors also those of held devices that die later
   */
  public record Outcome(
      long connections,
      long bytes,
      long resumed,
      List<Long> latencies,
      Queue<Throwable> errors,
      Queue<Device> held) {}

  private Load(EventLoopGroup loops, Plan plan) {
    this.loops = loops;
    this.plan = plan;
    this.endNanos = System.nanoTime() + plan.time().toNanos();
    this.left = new AtomicInteger(plan.connections());
    this.running = new CountDownLatch(plan.concurrency());
  }

  /** Does the work and waits for it. */
  public static Outcome run(EventLoopGroup loops, Plan plan) throws InterruptedException {
    Load load = new Load(loops, plan);
    for (int i = 0; i < plan.concurrency(); i++) {
      load.next();
    }
    if (!load.running.await(plan.time().plus(GRACE).toMillis(), TimeUnit.MILLISECONDS)) {
      load.errors.add(new IllegalStateException("no answer within " + GRACE + " after the end"));
    }
    return new Outcome(
        load.connections.sum(),
        load.bytes.sum(),
        load.resumed.sum(),
        load.latencies.stream().sorted().toList(),
        load.errors,
        load.held);
  }

  private boolean timeIsOver() {
    return System.nanoTime() - endNanos >= 0;
  }

  private void next() {
    if (timeIsOver() || left.getAndDecrement() <= 0) {
      running.countDown();
      return;
    }
    Device device = plan.visit().device(plan.tls(), plan.port(), resumed, this);
    var unused =
        connect(
            loops, device, plan.port(), started.getAndIncrement() % plan.devices(), plan.devices());
  }

  /**
   * Connects a device, which is told if that fails.
   *
   * @param number of the device's address
   * @param devices from so many addresses; one is 127.0.0.1
   */
  static ChannelFuture connect(
      EventLoopGroup loops, Device device, int port, int number, int devices) {
    Bootstrap bootstrap =
        new Bootstrap()
            .group(loops)
            .channel(EpollSocketChannel.class)
            .option(ChannelOption.TCP_NODELAY, true)
            .handler(device);
    if (devices > 1) {
      // Else the kernel would look for a port that is free for every destination.
      bootstrap.option(EpollChannelOption.IP_BIND_ADDRESS_NO_PORT, true);
      bootstrap.localAddress(address(number), 0);
    }
    return bootstrap
        .connect("127.0.0.1", port)
        .addListener(
            (ChannelFutureListener)
                done -> {
                  if (!done.isSuccess()) {
                    device.fail(done.cause());
                  }
                });
  }

  /** The address of a device: 127.1.0.1 and so on, without those that end in 0 or 255. */
  private static String address(int device) {
    int last = device % 254 + 1;
    int rest = device / 254;
    return "127." + (1 + rest / 256) + "." + rest % 256 + "." + last;
  }

  @Override
  public void answered(Device device) {
    bytes.add(plan.visit().length());
    if (plan.then() == Then.REPEAT && !timeIsOver()) {
      device.request();
      return;
    }
    latencies.add(device.ageNanos());
    connections.increment();
    if (plan.then() == Then.HOLD) {
      held.add(device);
    } else {
      device.close();
    }
    long early = plan.period().toNanos() - device.ageNanos();
    if (early > 0) {
      var unused = loops.schedule(this::next, early, TimeUnit.NANOSECONDS);
    } else {
      next();
    }
  }

  @Override
  public void failed(Device device, Throwable why) {
    errors.add(why);
    if (errors.size() > 100) {
      running.countDown();
    } else {
      next();
    }
  }
}
