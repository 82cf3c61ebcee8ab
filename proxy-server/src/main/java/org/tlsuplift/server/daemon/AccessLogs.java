package org.tlsuplift.server.daemon;

import java.util.List;
import java.util.Map;
import java.util.concurrent.atomic.AtomicLong;
import org.tlsuplift.proxy.model.ProxyObserver;
import org.tlsuplift.proxy.model.SessionSummary;
import org.tlsuplift.proxy.outcome.OperatorException;
import org.tlsuplift.server.audit.AuditRecord;
import org.tlsuplift.server.config.ServerConfig;
import org.tlsuplift.server.inventory.messages.MessageRecord;
import org.tlsuplift.server.log.AccessLog;
import org.tlsuplift.server.process.OpenedResources;

/**
 * The access log of the current configuration, which also gets the sessions that started under
 * earlier ones. One thread at a time may change it; any thread may end sessions.
 */
public final class AccessLogs implements AutoCloseable {
  private final AtomicLong droppedBefore = new AtomicLong();
  private AccessLogSource source;
  private volatile List<AccessLog> current;

  private AccessLogs(AccessLogSource source, List<AccessLog> current) {
    this.source = source;
    this.current = current;
  }

  /** Opens the access logs that are configured. */
  static AccessLogs open(ServerConfig config) throws OperatorException {
    AccessLogSource source = AccessLogSource.of(config);
    return new AccessLogs(source, source.open(AccessLogSource.waysIn(config)));
  }

  /**
   * Opens the access logs of another configuration if its settings differ. They get no sessions
   * yet.
   *
   * @param undo gets what must be closed if that configuration is not used
   * @return the action that uses them, and closes those before; it cannot fail
   * @throws OperatorException if one cannot be opened
   */
  Runnable prepare(ServerConfig next, OpenedResources undo) throws OperatorException {
    AccessLogSource wanted = AccessLogSource.of(next);
    Map<String, String> waysIn = AccessLogSource.waysIn(next);
    if (wanted.equals(source)) {
      return () -> current.forEach(each -> each.learn(waysIn));
    }
    List<AccessLog> opened = wanted.open(waysIn);
    undo.add(() -> opened.forEach(AccessLog::close));
    return () -> use(wanted, opened);
  }

  private void use(AccessLogSource wanted, List<AccessLog> opened) {
    List<AccessLog> before = current;
    source = wanted;
    current = opened;
    for (AccessLog each : before) {
      each.close();
      droppedBefore.addAndGet(each.dropped());
    }
  }

  ProxyObserver observer() {
    return AccessLog.observer(this::add);
  }

  private void add(SessionSummary summary) {
    for (AccessLog each : current) {
      each.add(summary);
    }
  }

  /** Puts a message into the access logs. Never blocks. */
  void messageEnded(MessageRecord message) {
    for (AccessLog each : current) {
      each.messageEnded(message);
    }
  }

  /** Puts an audit record into the access logs. Never blocks. */
  void audit(AuditRecord written) {
    for (AccessLog each : current) {
      each.audit(written);
    }
  }

  public boolean isOpen() {
    return !current.isEmpty();
  }

  /** The number of lines that were not written since the start. */
  public long dropped() {
    return droppedBefore.get() + current.stream().mapToLong(AccessLog::dropped).sum();
  }

  @Override
  public void close() {
    current.forEach(AccessLog::close);
  }
}
