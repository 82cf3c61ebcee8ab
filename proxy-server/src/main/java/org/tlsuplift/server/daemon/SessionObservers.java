package org.tlsuplift.server.daemon;

import java.time.Clock;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.tlsuplift.proxy.model.ProxyObserver;
import org.tlsuplift.proxy.model.ProxyObservers;
import org.tlsuplift.server.accesslog.AccessLog;
import org.tlsuplift.server.config.MessagesConfig;
import org.tlsuplift.server.inventory.jdbc.DeviceInventory;
import org.tlsuplift.server.messages.MessageRecord;
import org.tlsuplift.server.messages.MessageTrail;
import org.tlsuplift.server.metrics.ServerMetrics;
import org.tlsuplift.server.sessions.FirstSessions;
import org.tlsuplift.server.sessions.LiveSessions;

/** The parts of the daemon that are told about each session. */
final class SessionObservers {
  private static final Logger log = LoggerFactory.getLogger(SessionObservers.class);

  private SessionObservers() {}

  static ProxyObserver of(
      ServerMetrics metrics,
      LiveSessions live,
      FirstSessions first,
      @Nullable AccessLog accessLog,
      @Nullable DeviceInventory inventory,
      MessagesConfig messages) {
    List<ProxyObserver> observers = new ArrayList<>(List.of(metrics.proxyObserver(), live, first));
    if (accessLog != null) {
      observers.add(accessLog.observer());
    }
    if (inventory != null) {
      observers.add(inventory.observer());
    }
    List<Consumer<MessageRecord>> receivers = new ArrayList<>();
    if (accessLog != null) {
      receivers.add(accessLog::messageEnded);
    }
    if (inventory != null) {
      receivers.add(inventory::messageEnded);
    }
    if (messages.enabled() && !receivers.isEmpty()) {
      observers.add(new MessageTrail(messages.recipients(), Clock.systemUTC(), receivers));
    }
    return ProxyObservers.compose(
        observers, fault -> log.error("a session observer threw an exception", fault));
  }
}
