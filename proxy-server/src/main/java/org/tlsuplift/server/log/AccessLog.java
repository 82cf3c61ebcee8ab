package org.tlsuplift.server.log;

import java.io.IOException;
import java.time.Clock;
import java.time.ZoneId;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ArrayBlockingQueue;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.LongAdder;
import java.util.function.Consumer;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.tlsuplift.proxy.model.ProxyObserver;
import org.tlsuplift.proxy.model.SessionObserver;
import org.tlsuplift.proxy.model.SessionSummary;
import org.tlsuplift.server.audit.AuditRecord;
import org.tlsuplift.server.inventory.messages.MessageRecord;

/**
 * Writes one line for each message and each session at their end, outside the data path.
 *
 * <p>They wait in a queue of {@value #QUEUE}. When it is full, because what gets the lines is too
 * slow, a line is not written but {@link #dropped() counted}. A session never waits. Thread-safe.
 */
public final class AccessLog implements AutoCloseable {
  /** Sessions and messages that wait to be written; some 2 KiB each. */
  static final int QUEUE = 8192;

  private static final Logger log = LoggerFactory.getLogger(AccessLog.class);
  private static final int BATCH = 256;

  /** Polling is cheaper than waking the thread for each session. */
  private static final long POLL_MILLIS = 500;

  private static final long CLOSE_MILLIS = 5_000;

  private final BlockingQueue<LogEntry> waiting = new ArrayBlockingQueue<>(QUEUE);
  private final LongAdder dropped = new LongAdder();
  private final Map<String, String> waysIn;
  private final LineSink sink;
  private final Thread writer;
  private final CountDownLatch closing = new CountDownLatch(1);

  AccessLog(LineSink sink, Map<String, String> waysIn) {
    this.sink = sink;
    this.waysIn = waysIn;
    this.writer = new Thread(this::write, "uplift-access-log");
    writer.setDaemon(true);
    writer.start();
  }

  /**
   * Opens the file and starts writing.
   *
   * @throws IOException when the file cannot be written; the message names it
   */
  public static AccessLog open(AccessLogSettings settings) throws IOException {
    Map<String, String> waysIn = new ConcurrentHashMap<>(settings.waysIn());
    return new AccessLog(
        new DatedFile(
            settings,
            LineFormat.of(settings.format(), waysIn),
            Clock.system(ZoneId.systemDefault())),
        waysIn);
  }

  /**
   * Starts writing to standard output.
   *
   * @param prefix before each line
   * @param known for each listener, how its devices name their destination
   */
  public static AccessLog toStandardOutput(
      AccessLogFormat format, String prefix, Map<String, String> known) {
    Map<String, String> waysIn = new ConcurrentHashMap<>(known);
    return new AccessLog(new StandardOutput(LineFormat.of(format, waysIn), prefix), waysIn);
  }

  /**
   * Starts writing to a syslog server. Opens no connection yet.
   *
   * @param known for each listener, how its devices name their destination
   */
  public static AccessLog toSyslog(
      AccessLogFormat format, SyslogServer server, Map<String, String> known) {
    Map<String, String> waysIn = new ConcurrentHashMap<>(known);
    return new AccessLog(new SyslogLines(LineFormat.of(format, waysIn), server), waysIn);
  }

  /** Puts the sessions of a proxy into the queue. */
  public ProxyObserver observer() {
    return observer(this::add);
  }

  /**
   * Observes the ends of sessions.
   *
   * @param ended called on the event loop of each session
   */
  public static ProxyObserver observer(Consumer<SessionSummary> ended) {
    SessionObserver each =
        new SessionObserver() {
          @Override
          public void closed(SessionSummary summary) {
            ended.accept(summary);
          }
        };
    return (id, listener, device) -> each;
  }

  /** Puts an ended session into the queue. Never blocks. */
  public void add(SessionSummary summary) {
    offer(new LogEntry.Session(summary));
  }

  /** Puts a message into the queue. Never blocks. */
  public void messageEnded(MessageRecord message) {
    offer(new LogEntry.Message(message));
  }

  /** Puts an audit record into the queue. Never blocks. */
  public void audit(AuditRecord written) {
    offer(new LogEntry.Audit(written));
  }

  /** Adds the listeners of another configuration, and how their devices name destinations. */
  public void learn(Map<String, String> otherWaysIn) {
    waysIn.putAll(otherWaysIn);
  }

  private void offer(LogEntry entry) {
    if (isClosing() || !waiting.offer(entry)) {
      dropped.increment();
    }
  }

  /** The number of lines that were not written since the start; never decreases. */
  public long dropped() {
    return dropped.sum() + sink.lost();
  }

  /** Writes waiting lines for up to five seconds, closes the target and counts the rest. */
  @Override
  public void close() {
    closing.countDown();
    try {
      writer.join(CLOSE_MILLIS);
    } catch (InterruptedException interrupted) {
      Thread.currentThread().interrupt();
    }
    if (writer.isAlive()) {
      sink.end();
      log.atWarn()
          .addKeyValue("remedy", sink.remedy())
          .addKeyValue("lines", waiting.size())
          .log("access log: lines were not written because their target does not respond");
    }
  }

  private boolean isClosing() {
    return closing.getCount() == 0;
  }

  private void write() {
    try (sink) {
      while (!closing.await(POLL_MILLIS, TimeUnit.MILLISECONDS)) {
        writeQueued();
      }
      writeQueued();
    } catch (InterruptedException interrupted) {
      Thread.currentThread().interrupt();
    }
  }

  private void writeQueued() {
    List<LogEntry> batch = new ArrayList<>(BATCH);
    while (waiting.drainTo(batch, BATCH) > 0) {
      write(batch);
      batch.clear();
    }
  }

  private void write(List<LogEntry> batch) {
    int written = 0;
    Throwable failure = null;
    try {
      sink.prepare();
      for (LogEntry each : batch) {
        try {
          sink.write(each);
          written++;
        } catch (IOException | RuntimeException | Error failed) {
          failure = failed;
        }
      }
      if (waiting.isEmpty()) {
        sink.flush();
      }
    } catch (IOException | RuntimeException | Error failed) {
      failure = failed;
      written = 0;
    }
    if (failure != null) {
      // The thread continues: there may be space on the disk, or memory, again.
      dropped.add(batch.size() - written);
      log.atError()
          .setCause(failure)
          .addKeyValue("remedy", sink.remedy())
          .addKeyValue("lines", batch.size() - written)
          .log("access log: lines may be missing");
    }
  }
}
