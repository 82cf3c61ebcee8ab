package org.tlsuplift.bench.load;

import io.netty.channel.EventLoopGroup;
import io.netty.channel.MultiThreadIoEventLoopGroup;
import io.netty.channel.epoll.EpollIoHandler;
import io.netty.util.internal.logging.InternalLoggerFactory;
import io.netty.util.internal.logging.JdkLoggerFactory;
import java.io.BufferedReader;
import java.io.InputStreamReader;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.Queue;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.Semaphore;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.LongAdder;
import org.tlsuplift.bench.load.DeviceTls.Resumption;

/**
 * Devices that hold idle sessions, in a process of their own, because a process can open only so
 * many files.
 *
 * <p>The process makes a full handshake and a request for each session, and prints how many got a
 * response. For each line that it reads, it makes a request in each session again, and prints the
 * number of responses. It ends at the end of its input.
 */
public final class IdleDevices implements Device.Events {
  private static final int AT_ONCE = 16;
  private static final Duration ANSWERS = Duration.ofSeconds(30);

  private final Semaphore permits = new Semaphore(AT_ONCE);
  private final Queue<Device> held = new ConcurrentLinkedQueue<>();
  private final AtomicInteger answers = new AtomicInteger();
  private volatile boolean opening = true;

  private IdleDevices() {}

  /** Takes the port of the proxy, and how many sessions to hold. */
  public static void main(String[] arguments) throws Exception {
    InternalLoggerFactory.setDefaultFactory(JdkLoggerFactory.INSTANCE);
    EventLoopGroup loops = new MultiThreadIoEventLoopGroup(1, EpollIoHandler.newFactory());
    BufferedReader input =
        new BufferedReader(new InputStreamReader(System.in, StandardCharsets.US_ASCII));
    IdleDevices devices = new IdleDevices();
    devices.open(loops, Integer.parseInt(arguments[0]), Integer.parseInt(arguments[1]));
    System.out.println(devices.held.size());
    while (input.readLine() != null) {
      System.out.println(devices.ask());
    }
    System.exit(0);
  }

  private void open(EventLoopGroup loops, int port, int count) throws Exception {
    DeviceTls tls = DeviceTls.of("TLSv1", "TLS_ECDHE_RSA_WITH_AES_128_CBC_SHA", Resumption.NONE);
    LongAdder resumed = new LongAdder();
    for (int i = 0; i < count; i++) {
      permits.acquire();
      Device device = Exchange.ONE_BYTE.device(tls, port, resumed, this);
      var unused = Load.connect(loops, device, port, 0, 1);
    }
    boolean unused = permits.tryAcquire(AT_ONCE, ANSWERS.toSeconds(), TimeUnit.SECONDS);
    opening = false;
  }

  private int ask() throws InterruptedException {
    answers.set(0);
    held.forEach(device -> device.channel().eventLoop().execute(device::request));
    long end = System.nanoTime() + ANSWERS.toNanos();
    while (answers.get() < held.size() && System.nanoTime() - end < 0) {
      Thread.sleep(10);
    }
    return answers.get();
  }

  @Override
  public void answered(Device device) {
    if (opening) {
      held.add(device);
      permits.release();
    } else {
      answers.incrementAndGet();
    }
  }

  @Override
  public void failed(Device device, Throwable why) {
    System.err.println(why);
    if (opening) {
      permits.release();
    }
  }
}
