package org.tlsuplift.server;

import java.lang.reflect.InvocationHandler;
import java.lang.reflect.Method;
import java.lang.reflect.Proxy;
import java.time.Duration;
import java.util.concurrent.ArrayBlockingQueue;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ThreadPoolExecutor;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;
import java.util.function.Supplier;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.tlsuplift.server.command.StopSignal;

/**
 * SIGTERM and SIGINT stop the daemon; SIGHUP reloads its configuration.
 *
 * <p>A shutdown hook would be the portable way, but the process would then exit with 143 after an
 * orderly end, and a second signal would be swallowed until the hook is done. {@code
 * sun.misc.Signal} stays exported for such use (JEP 260); it is reached by reflection because the
 * compiler warns of it in a way that cannot be answered. A system that does not have a signal, such
 * as SIGHUP on Windows, keeps its default.
 *
 * <p>A thread that exists from the start ends the process if the orderly end takes too long,
 * because a class that can no longer be loaded must not keep the process alive.
 */
final class ProcessSignals implements StopSignal {
  private static final Logger log = LoggerFactory.getLogger(ProcessSignals.class);
  private static final int SIGNAL_BASE = 128;
  private static final int BY_FORCE = 1;

  /** Bounds the last log line: the reader of the log may be what hangs. */
  private static final Duration LAST_LINE = Duration.ofMillis(500);

  private final CompletableFuture<String> received = new CompletableFuture<>();

  /** One reload runs and one waits. The waiting one serves all signals that arrive meanwhile. */
  private final ThreadPoolExecutor reloads =
      new ThreadPoolExecutor(
          0,
          1,
          10,
          TimeUnit.SECONDS,
          new ArrayBlockingQueue<>(1),
          ProcessSignals::reloadThread,
          new ThreadPoolExecutor.DiscardPolicy());

  private boolean hangUpIgnored;
  private volatile Runnable reload =
      () -> log.info("SIGHUP: nothing was reloaded, because the daemon is still starting");

  @Override
  public void arm() {
    handle("TERM", this::stop);
    handle("INT", this::stop);
    hangUpIgnored = handle("HUP", signal -> hangUp());
  }

  @Override
  public void onReload(Runnable action) {
    reload = action;
    if (hangUpIgnored) {
      log.info(
          "to reload the configuration, run 'tls-uplift reload': this process ignores SIGHUP,"
              + " because it was started so, as nohup does");
    }
  }

  @Override
  public void endWithin(Supplier<Duration> longest) {
    Thread watchdog = new Thread(() -> haltAfter(longest), "uplift-watchdog");
    watchdog.setDaemon(true);
    watchdog.start();
  }

  @Override
  public String await() throws InterruptedException {
    try {
      return received.get();
    } catch (ExecutionException impossible) {
      throw new IllegalStateException(impossible);
    }
  }

  private record Signal(String name, int number) {}

  private void stop(Signal signal) {
    if (!received.complete("SIG" + signal.name())) {
      Runtime.getRuntime().halt(SIGNAL_BASE + signal.number());
    }
  }

  /** The runtime calls this on a new thread for each signal, so it must not block. */
  void hangUp() {
    reloads.execute(() -> reload.run());
  }

  private static Thread reloadThread(Runnable loop) {
    Thread thread = new Thread(loop, "uplift-reload-signal");
    thread.setDaemon(true);
    return thread;
  }

  private void haltAfter(Supplier<Duration> orderly) {
    String signal;
    Duration longest;
    try {
      signal = await();
      longest = orderly.get();
      Thread.sleep(longest.minus(LAST_LINE).toMillis());
    } catch (InterruptedException impossible) {
      throw new IllegalStateException(impossible);
    }
    try {
      Thread lastLine =
          new Thread(
              () ->
                  log.error(
                      "{}: the daemon did not end within {} s and is ended by force",
                      signal,
                      longest.toSeconds()));
      lastLine.setDaemon(true);
      lastLine.start();
      lastLine.join(LAST_LINE.toMillis());
    } catch (InterruptedException impossible) {
      throw new IllegalStateException(impossible);
    } finally {
      Runtime.getRuntime().halt(BY_FORCE);
    }
  }

  /**
   * Starts handling a signal.
   *
   * @return whether the process was started with this signal ignored; the runtime then leaves it so
   */
  private static boolean handle(String name, Consumer<Signal> then) {
    try {
      Class<?> signal = Class.forName("sun.misc.Signal");
      Class<?> handler = Class.forName("sun.misc.SignalHandler");
      Object receiver =
          Proxy.newProxyInstance(
              handler.getClassLoader(), new Class<?>[] {handler}, new Receiver(then));
      Method handle = signal.getMethod("handle", signal, handler);
      Object before =
          handle.invoke(null, signal.getConstructor(String.class).newInstance(name), receiver);
      return before == handler.getField("SIG_IGN").get(null);
    } catch (ReflectiveOperationException notHere) {
      // With -Xrs, too, this call fails, and the signal keeps the system's default action.
      return false;
    }
  }

  private record Receiver(Consumer<Signal> then) implements InvocationHandler {
    @Override
    public Object invoke(Object proxy, Method method, Object[] arguments)
        throws ReflectiveOperationException {
      if (!method.getName().equals("handle")) {
        // Object's own methods, which a proxy passes on too.
        return method.invoke(this, arguments);
      }
      Main.giveClassLoader();
      Object signal = arguments[0];
      then.accept(
          new Signal(
              (String) signal.getClass().getMethod("getName").invoke(signal),
              (Integer) signal.getClass().getMethod("getNumber").invoke(signal)));
      return proxy;
    }
  }
}
