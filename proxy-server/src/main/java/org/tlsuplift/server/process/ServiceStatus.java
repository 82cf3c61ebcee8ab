package org.tlsuplift.server.process;

import java.time.Duration;
import java.util.function.IntSupplier;
import java.util.function.LongSupplier;

/**
 * Reports the daemon's state to systemd: that it is ready, its sessions, that it stops, and that it
 * is alive. Without the last report systemd restarts the daemon, so it is sent only while every
 * event loop responds. Thread-safe.
 */
public final class ServiceStatus {
  /** A late report restarts the daemon, so each interval has four. */
  private static final int REPORTS_PER_INTERVAL = 4;

  private static final Duration PERIOD = Duration.ofSeconds(5);

  /** The time after drainTimeout in which sessions and files are closed. */
  private static final Duration CLOSING = Duration.ofSeconds(15);

  private final ServiceNotifier notifier;
  private final IntSupplier listeners;
  private final IntSupplier sessions;
  private final LongSupplier nanoTime;
  private boolean ready;
  private boolean stopping;
  private int blockedLoops;
  private String lastText = "";
  private long lastStatus;
  private long lastAlive;

  /**
   * Creates the report, and sends nothing yet.
   *
   * @param listeners the number of open ports, which a reload changes
   * @param nanoTime as {@link System#nanoTime}
   */
  public ServiceStatus(
      ServiceNotifier notifier,
      IntSupplier listeners,
      IntSupplier sessions,
      LongSupplier nanoTime) {
    this.notifier = notifier;
    this.listeners = listeners;
    this.sessions = sessions;
    this.nanoTime = nanoTime;
  }

  /** The listeners accept. */
  public synchronized void ready() {
    ready = true;
    lastText = text();
    lastStatus = nanoTime.getAsLong();
    lastAlive = lastStatus;
    notifier.ready(lastText);
    notifier.watchdog().ifPresent(interval -> notifier.alive());
  }

  /**
   * The daemon drains. Has no effect if it did already.
   *
   * @param longest stopGrace and drainTimeout together
   */
  public synchronized void stopping(Duration longest) {
    if (ready && !stopping) {
      stopping = true;
      lastText = text();
      notifier.stopping(lastText, longest.plus(CLOSING));
    }
  }

  /** Receives the number of event loops that do not respond, about once a second. */
  public synchronized void loopsChecked(int blocked) {
    blockedLoops = blocked;
    if (!ready) {
      return;
    }
    long now = nanoTime.getAsLong();
    notifier
        .watchdog()
        .filter(
            interval ->
                blocked == 0
                    && now - lastAlive >= interval.dividedBy(REPORTS_PER_INTERVAL).toNanos())
        .ifPresent(
            interval -> {
              lastAlive = now;
              notifier.alive();
            });
    String text = text();
    if (!text.equals(lastText) && now - lastStatus >= PERIOD.toNanos()) {
      lastText = text;
      lastStatus = now;
      notifier.status(text);
    }
  }

  private String text() {
    return (stopping ? "draining" : "ready: " + count(listeners.getAsInt(), "listening port"))
        + ", "
        + count(sessions.getAsInt(), "session")
        + (blockedLoops == 0
            ? ""
            : "; " + count(blockedLoops, "event loop") + " not responding, see the log");
  }

  private static String count(int number, String noun) {
    return number + " " + noun + (number == 1 ? "" : "s");
  }
}
