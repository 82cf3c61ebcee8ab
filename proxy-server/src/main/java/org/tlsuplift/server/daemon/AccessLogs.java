package org.tlsuplift.server.daemon;

import java.util.Map;
import java.util.Objects;
import java.util.concurrent.atomic.AtomicLong;
import org.jspecify.annotations.Nullable;
import org.tlsuplift.proxy.model.ProxyObserver;
import org.tlsuplift.proxy.model.SessionSummary;
import org.tlsuplift.server.accesslog.AccessLog;
import org.tlsuplift.server.config.AccessLogConfig;
import org.tlsuplift.server.config.ServerConfig;
import org.tlsuplift.server.messages.MessageRecord;

/**
 * The access log of the current configuration, which also gets the sessions that started under
 * earlier ones. One thread at a time may change it; any thread may end sessions.
 */
final class AccessLogs implements AutoCloseable {
  private final AtomicLong droppedBefore = new AtomicLong();
  private @Nullable AccessLogConfig config;
  private volatile @Nullable AccessLog current;

  private AccessLogs(@Nullable AccessLogConfig config, @Nullable AccessLog current) {
    this.config = config;
    this.current = current;
  }

  /** Opens the access log, if one is configured. */
  static AccessLogs open(ServerConfig config) throws StartFailedException {
    return new AccessLogs(config.accessLog(), AccessLogSource.open(config));
  }

  /** What another configuration needs: its access log is open, but gets no sessions yet. */
  record Change(
      @Nullable AccessLogConfig config, @Nullable AccessLog log, Map<String, String> waysIn) {}

  /**
   * Opens the access log of another configuration if its settings differ.
   *
   * @throws StartFailedException if it cannot be opened
   */
  Change prepare(ServerConfig next) throws StartFailedException {
    return new Change(
        next.accessLog(),
        Objects.equals(next.accessLog(), config) ? current : AccessLogSource.open(next),
        AccessLogSource.waysIn(next));
  }

  /** Uses the access log of another configuration, and closes the one before. */
  void complete(Change change) {
    AccessLog before = current;
    AccessLog next = change.log();
    if (next != null) {
      next.learn(change.waysIn());
    }
    config = change.config();
    current = next;
    if (before != null && before != next) {
      before.close();
      droppedBefore.addAndGet(before.dropped());
    }
  }

  /** Closes what {@link #prepare} opened. */
  void cancel(Change change) {
    AccessLog opened = change.log();
    if (opened != null && opened != current) {
      opened.close();
    }
  }

  ProxyObserver observer() {
    return AccessLog.observer(this::add);
  }

  private void add(SessionSummary summary) {
    AccessLog log = current;
    if (log != null) {
      log.add(summary);
    }
  }

  /** Puts a message into the access log, if there is one. Never blocks. */
  void messageEnded(MessageRecord message) {
    AccessLog log = current;
    if (log != null) {
      log.messageEnded(message);
    }
  }

  boolean isOpen() {
    return current != null;
  }

  /** The number of lines that were not written since the start. */
  long dropped() {
    AccessLog log = current;
    return droppedBefore.get() + (log == null ? 0 : log.dropped());
  }

  @Override
  public void close() {
    AccessLog log = current;
    if (log != null) {
      log.close();
    }
  }
}
