package org.tlsuplift.server.daemon.watch;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Arrays;
import java.util.List;
import java.util.OptionalLong;
import java.util.function.LongSupplier;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.tlsuplift.server.background.Schedule;

/**
 * Counts attempts to connect that the kernel drops because the accept queue of a port is full, and
 * logs them at most once a minute. The daemon never sees these devices: they time out.
 *
 * <p>It reads the counter {@code TcpExt: ListenOverflows} of Linux (proc_net_netstat(5)) every 5 s.
 * The counter belongs to the network namespace, so ports of other programs count too. {@link #look}
 * is synchronized.
 */
public final class AcceptQueueWatch {
  private static final Duration PERIOD = Duration.ofSeconds(5);
  private static final Duration BETWEEN_LINES = Duration.ofMinutes(1);
  private static final Path NETSTAT = Path.of("/proc/self/net/netstat");
  private static final Path SOMAXCONN = Path.of("/proc/sys/net/core/somaxconn");
  private static final String GROUP = "TcpExt:";
  private static final String COUNTER = "ListenOverflows";
  private static final Logger log = LoggerFactory.getLogger(AcceptQueueWatch.class);

  private final Path netstat;
  private final LongSupplier nanoTime;
  private final boolean available;
  private final long first;
  private volatile long overflows;
  private long logged;
  private long nextLine;

  /** Prepares the watch of this process's network namespace, and starts nothing yet. */
  public AcceptQueueWatch() {
    this(NETSTAT, System::nanoTime);
  }

  AcceptQueueWatch(Path netstat, LongSupplier nanoTime) {
    this.netstat = netstat;
    this.nanoTime = nanoTime;
    OptionalLong now = read();
    available = now.isPresent();
    first = now.orElse(0);
    nextLine = nanoTime.getAsLong();
  }

  /** Whether this system has the counter. */
  public boolean isAvailable() {
    return available;
  }

  /** The dropped attempts since the start, at the last check. Never falls. */
  public long overflows() {
    return overflows;
  }

  /** Checks every few seconds, if this system has the counter. */
  public void start(Schedule schedule) {
    if (available) {
      schedule.every(PERIOD, PERIOD, "accept queue: check", this::look);
    }
  }

  synchronized void look() {
    overflows = Math.max(overflows, read().orElse(first) - first);
    long now = nanoTime.getAsLong();
    long more = overflows - logged;
    if (more > 0 && now - nextLine >= 0) {
      nextLine = now + BETWEEN_LINES.toNanos();
      logged = overflows;
      log.warn(
          "the accept queue of a port is full: raise net.core.somaxconn ({}) and restart the daemon,"
              + " or add an instance; dropped attempts: {} (those of other programs count too)",
          limit(),
          more);
    }
  }

  private OptionalLong read() {
    try {
      return counter(Files.readAllLines(netstat));
    } catch (IOException missing) {
      return OptionalLong.empty();
    }
  }

  /** A line with names and a line with their values, which begin with the same word. */
  static OptionalLong counter(List<String> lines) {
    List<List<String>> group =
        lines.stream()
            .filter(line -> line.startsWith(GROUP))
            .map(line -> Arrays.asList(line.split(" ", -1)))
            .toList();
    int column = group.size() == 2 ? group.get(0).indexOf(COUNTER) : -1;
    if (column < 0 || column >= group.get(1).size()) {
      return OptionalLong.empty();
    }
    try {
      return OptionalLong.of(Long.parseUnsignedLong(group.get(1).get(column)));
    } catch (NumberFormatException malformed) {
      return OptionalLong.empty();
    }
  }

  /** Files.readString gets the first digit only, because a second read finds the end. */
  private static String limit() {
    try {
      return String.join(" ", Files.readAllLines(SOMAXCONN));
    } catch (IOException missing) {
      return "unknown";
    }
  }
}
