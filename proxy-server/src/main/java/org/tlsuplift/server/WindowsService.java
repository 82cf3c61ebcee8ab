package org.tlsuplift.server;

import java.time.Duration;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.function.Supplier;
import org.tlsuplift.server.command.StopSignal;
import org.tlsuplift.server.log.ServiceLog;
import org.tlsuplift.server.log.WindowsEventLog;

/**
 * What Apache Commons Daemon (prunsrv) calls in a Windows service: {@link #start} on one thread,
 * and {@link #stop} on another.
 */
public final class WindowsService {
  private static final int CONFIGURATION = 2;
  private static final Stop STOP = new Stop();

  private WindowsService() {}

  /**
   * Runs a command until {@link #stop}. An error in the configuration ends the service in order;
   * for other failures Windows restarts it.
   *
   * @param arguments as on the command line
   */
  public static void start(String[] arguments) {
    Main.prepare();
    ServiceLog.attach();
    WindowsEventLog.attach();
    int exit = Main.run(STOP, arguments);
    STOP.ended.countDown();
    if (exit != 0 && exit != CONFIGURATION) {
      System.exit(exit);
    }
  }

  /**
   * Stops the command, and waits until it has ended.
   *
   * @param arguments are ignored
   */
  public static void stop(String[] arguments) throws InterruptedException {
    STOP.received.countDown();
    if (!STOP.ended.await(STOP.longest.get().toMillis(), TimeUnit.MILLISECONDS)) {
      Runtime.getRuntime().halt(1);
    }
  }

  /** Prunsrv calls static methods, so both sides meet here. */
  private static final class Stop implements StopSignal {
    private final CountDownLatch received = new CountDownLatch(1);
    private final CountDownLatch ended = new CountDownLatch(1);
    private volatile Supplier<Duration> longest = () -> Duration.ofSeconds(30);

    @Override
    public void arm() {}

    @Override
    public void endWithin(Supplier<Duration> limit) {
      longest = limit;
    }

    /** Windows has no such signal: 'tls-uplift reload' asks through the daemon's socket. */
    @Override
    public void onReload(Runnable reload) {}

    @Override
    public String await() throws InterruptedException {
      received.await();
      return "service control";
    }
  }
}
