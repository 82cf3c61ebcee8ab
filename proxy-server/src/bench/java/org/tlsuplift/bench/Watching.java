package org.tlsuplift.bench;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Clock;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.function.Function;
import java.util.stream.Collectors;
import org.tlsuplift.proxy.model.ProxyObserver;
import org.tlsuplift.proxy.model.ProxyObservers;
import org.tlsuplift.server.background.Schedule;
import org.tlsuplift.server.database.DatabasePlace;
import org.tlsuplift.server.inventory.DeviceNaming;
import org.tlsuplift.server.inventory.InventorySettings;
import org.tlsuplift.server.inventory.LiveSessions;
import org.tlsuplift.server.inventory.VerdictRules;
import org.tlsuplift.server.inventory.jdbc.DeviceInventory;
import org.tlsuplift.server.inventory.messages.MessageRetention;
import org.tlsuplift.server.inventory.messages.MessageTrail;
import org.tlsuplift.server.inventory.messages.StoredRecipients;
import org.tlsuplift.server.log.AccessLog;
import org.tlsuplift.server.log.AccessLogFormat;
import org.tlsuplift.server.log.AccessLogSettings;
import org.tlsuplift.server.metrics.ServerMetrics;

/** All that watches sessions in the daemon, by its defaults, and with an access log. */
record Watching(
    ServerMetrics metrics,
    LiveSessions live,
    AccessLog accessLog,
    Schedule schedule,
    DeviceInventory inventory)
    implements AutoCloseable {
  private static final int LIVE_SESSIONS = 10_000;

  static Watching start(Path folder, List<String> listeners) throws IOException {
    Files.createDirectories(folder);
    Map<String, String> waysIn =
        listeners.stream().collect(Collectors.toMap(Function.identity(), name -> "fixed"));
    Schedule schedule = new Schedule();
    return new Watching(
        new ServerMetrics("bench", listeners, null),
        new LiveSessions(LIVE_SESSIONS, Clock.systemUTC()),
        AccessLog.open(
            new AccessLogSettings(
                folder.resolve("access.log"),
                AccessLogFormat.JSON,
                64 << 20,
                1,
                256 << 20,
                waysIn)),
        schedule,
        started(
            new InventorySettings(
                new DatabasePlace.Embedded(folder.resolve("inventory.db")),
                waysIn,
                new DeviceNaming(Map.of(), true),
                Duration.ofSeconds(5),
                Duration.ofDays(400),
                100_000,
                new MessageRetention(Duration.ofDays(30), 500_000),
                VerdictRules.defaults()),
            schedule));
  }

  private static DeviceInventory started(InventorySettings settings, Schedule schedule) {
    DeviceInventory inventory = DeviceInventory.open(settings, schedule);
    inventory.start();
    return inventory;
  }

  /** All of them as one, in the daemon's order. */
  ProxyObserver observer() {
    return ProxyObservers.compose(
        List.of(
            metrics.proxyObserver(),
            live,
            accessLog.observer(),
            inventory.observer(),
            new MessageTrail(
                StoredRecipients.DOMAIN,
                Clock.systemUTC(),
                List.of(accessLog::messageEnded, inventory::messageEnded))),
        fault -> {
          throw fault;
        });
  }

  @Override
  public void close() {
    inventory.close();
    schedule.close();
    accessLog.close();
    metrics.close();
  }
}
