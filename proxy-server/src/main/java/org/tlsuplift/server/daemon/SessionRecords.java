package org.tlsuplift.server.daemon;

import java.sql.SQLException;
import java.time.Clock;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.tlsuplift.proxy.context.EcRefusals;
import org.tlsuplift.proxy.model.ProxyObserver;
import org.tlsuplift.proxy.model.ProxyObservers;
import org.tlsuplift.proxy.outcome.OperatorException;
import org.tlsuplift.server.audit.AuditJournal;
import org.tlsuplift.server.background.Schedule;
import org.tlsuplift.server.config.LogMapper;
import org.tlsuplift.server.config.MessagesConfig;
import org.tlsuplift.server.config.ServerConfig;
import org.tlsuplift.server.inventory.FirstSessions;
import org.tlsuplift.server.inventory.Inventory;
import org.tlsuplift.server.inventory.LiveSessions;
import org.tlsuplift.server.inventory.OriginOutages;
import org.tlsuplift.server.inventory.RefusedSignIns;
import org.tlsuplift.server.inventory.jdbc.DeviceInventory;
import org.tlsuplift.server.inventory.messages.MessageRecord;
import org.tlsuplift.server.inventory.messages.MessageTrail;
import org.tlsuplift.server.inventory.messages.StoredRecipients;
import org.tlsuplift.server.log.DaemonLog;
import org.tlsuplift.server.mapping.ResolvedConfig;
import org.tlsuplift.server.metrics.ServerMetrics;
import org.tlsuplift.server.process.OpenedResources;
import org.tlsuplift.server.signin.SignInTimes;
import org.tlsuplift.server.signin.SignInTimes.SignedIn;

/** What records the sessions of all configurations: metrics, logs and the inventory. */
public final class SessionRecords {
  private static final Logger log = LoggerFactory.getLogger(SessionRecords.class);

  private final ServerMetrics metrics;
  private final AccessLogs accessLogs;
  private final @Nullable DeviceInventory inventory;
  private final @Nullable MessageTrail trail;
  private final AuditJournal audit;
  private final EcRefusals ecRefusals = new EcRefusals();
  private final LiveSessions live;
  private final FirstSessions first;
  private final SignInTimes signIns = new SignInTimes(Clock.systemUTC());
  private final RefusedSignIns refusedSignIns = new RefusedSignIns();
  private final OriginOutages originOutages = new OriginOutages(Clock.systemUTC());

  private SessionRecords(
      ServerMetrics metrics,
      AccessLogs accessLogs,
      @Nullable DeviceInventory inventory,
      MessagesConfig messages,
      AuditJournal audit,
      ResolvedConfig resolved) {
    this.metrics = metrics;
    this.accessLogs = accessLogs;
    this.inventory = inventory;
    this.trail = messages.enabled() ? trail(messages.recipients()) : null;
    this.audit = audit;
    this.live = new LiveSessions(resolved.limits().maxSessions(), Clock.systemUTC());
    this.first = new FirstSessions(resolved.limits().networks());
  }

  private MessageTrail trail(StoredRecipients stored) {
    List<Consumer<MessageRecord>> receivers = new ArrayList<>(List.of(accessLogs::messageEnded));
    if (inventory != null) {
      receivers.add(inventory::messageEnded);
    }
    return new MessageTrail(stored, Clock.systemUTC(), receivers);
  }

  /** Writes sessions to the inventory; those until now wait in its queue. */
  public void start(ServerConfig config, Schedule schedule) {
    new AuditTrail(audit, accessLogs, InstancesSource.name(config)).start(inventory, schedule);
    if (inventory != null) {
      inventory.start();
      inventory.keepSignIns(signIns);
      inventory.reportEcRefusals(ecRefusals::add);
    }
  }

  /**
   * Opens everything that the first configuration needs.
   *
   * @param opened gets what must be closed
   */
  public static SessionRecords open(
      ServerConfig config, ResolvedConfig resolved, Schedule schedule, OpenedResources opened)
      throws OperatorException {
    ServerMetrics metrics = MetricsSetup.start(config, resolved);
    opened.add(metrics::close);
    AccessLogs accessLogs = AccessLogs.open(config);
    opened.add(accessLogs::close);
    AuditJournal audit = new AuditJournal(config.dataDirectory());
    opened.add(audit::close);
    DeviceInventory inventory = InventorySource.open(config, metrics, schedule);
    if (inventory != null) {
      opened.add(inventory::close);
    }
    return new SessionRecords(metrics, accessLogs, inventory, config.messages(), audit, resolved);
  }

  /**
   * Opens what another configuration needs.
   *
   * @param undo gets what must be closed if that configuration is not used
   * @return the action that uses it; it cannot fail
   */
  public Runnable prepare(ServerConfig config, ResolvedConfig resolved, OpenedResources undo)
      throws OperatorException {
    Runnable accessLogChange = accessLogs.prepare(config, undo);
    Runnable inventoryChange = InventorySource.prepare(inventory, config);
    return () -> {
      accessLogChange.run();
      inventoryChange.run();
      live.limit(resolved.limits().maxSessions());
      first.group(resolved.limits().networks());
      DaemonLog.use(LogMapper.map(config.log()));
      MetricsSetup.expect(metrics, config, resolved);
    };
  }

  public ServerMetrics metrics() {
    return metrics;
  }

  public AccessLogs accessLogs() {
    return accessLogs;
  }

  public @Nullable DeviceInventory inventory() {
    return inventory;
  }

  /** See {@link Inventory#labels}. */
  Map<String, String> labels(List<String> devices) {
    return inventory == null ? Map.of() : inventory.inventory().labels(devices);
  }

  /** Gets the audit records of this process. */
  public AuditJournal audit() {
    return audit;
  }

  /** The devices that get no certificate with an EC key, also those that the inventory knows. */
  public EcRefusals ecRefusals() {
    return ecRefusals;
  }

  public LiveSessions live() {
    return live;
  }

  /** Gets the messages that end after their session; null if no messages are recorded. */
  @Nullable MessageTrail trail() {
    return trail;
  }

  SignInTimes signIns() {
    return signIns;
  }

  /** The latest sign-ins by account; of this process alone while the database is unreachable. */
  Map<String, SignedIn> latestSignIns() {
    try {
      return signIns.with(inventory == null ? Map.of() : inventory.signIns());
    } catch (SQLException away) {
      return signIns.with(Map.of());
    }
  }

  RefusedSignIns refusedSignIns() {
    return refusedSignIns;
  }

  OriginOutages originOutages() {
    return originOutages;
  }

  /** Passes the events of each session to all records. */
  public ProxyObserver observer() {
    List<ProxyObserver> observers =
        new ArrayList<>(
            List.of(
                metrics.proxyObserver(),
                live,
                first,
                refusedSignIns,
                originOutages,
                accessLogs.observer()));
    if (inventory != null) {
      observers.add(inventory.observer());
    }
    if (trail != null) {
      observers.add(trail);
    }
    return ProxyObservers.compose(
        observers, fault -> log.error("a session observer threw an exception", fault));
  }
}
