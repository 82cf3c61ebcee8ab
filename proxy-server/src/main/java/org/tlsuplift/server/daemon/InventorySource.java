package org.tlsuplift.server.daemon;

import java.io.IOException;
import java.net.InetAddress;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.SQLException;
import java.util.HashMap;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import org.tlsuplift.proxy.outcome.OperatorException;
import org.tlsuplift.server.background.Schedule;
import org.tlsuplift.server.config.DatabaseConfig;
import org.tlsuplift.server.config.DeviceNamesReader;
import org.tlsuplift.server.config.DevicesConfig;
import org.tlsuplift.server.config.InventoryConfig;
import org.tlsuplift.server.config.ServerConfig;
import org.tlsuplift.server.database.DatabasePlace;
import org.tlsuplift.server.inventory.DeviceNaming;
import org.tlsuplift.server.inventory.InventorySettings;
import org.tlsuplift.server.inventory.Verdict;
import org.tlsuplift.server.inventory.VerdictRules;
import org.tlsuplift.server.inventory.jdbc.DeviceInventory;
import org.tlsuplift.server.inventory.jdbc.ReadOnlyInventory;
import org.tlsuplift.server.inventory.messages.MessageRetention;
import org.tlsuplift.server.metrics.MailMetricNames;
import org.tlsuplift.server.metrics.Meters;
import org.tlsuplift.server.metrics.MetricNames;
import org.tlsuplift.server.metrics.ServerMetrics;

/** Opens the inventory of a checked configuration. */
public final class InventorySource {
  private InventorySource() {}

  /**
   * @return null if disabled
   */
  static @Nullable DeviceInventory open(
      ServerConfig config, ServerMetrics metrics, Schedule schedule) throws OperatorException {
    InventoryConfig inventory = config.inventory();
    if (!inventory.enabled()) {
      return null;
    }
    DeviceInventory opened;
    try {
      opened =
          DeviceInventory.open(
              new InventorySettings(
                  place(config),
                  waysIn(config),
                  naming(config.devices()),
                  inventory.flushInterval(),
                  inventory.keep(),
                  inventory.maxDevices(),
                  new MessageRetention(config.messages().keep(), config.messages().maxMessages()),
                  rules(inventory)),
              schedule);
    } catch (IOException unusable) {
      throw new OperatorException("devices.namesFile: " + unusable.getMessage(), unusable);
    }
    Meters meters = metrics.meters();
    meters.gauge(MailMetricNames.SILENT_SENDERS, () -> opened.silentSenders().size());
    meters.gauge(MailMetricNames.SILENT_SENDERS_ACKNOWLEDGED, opened::acknowledgedSenders);
    meters.counter(MetricNames.INVENTORY_DROPPED, opened::dropped);
    meters.flag(MetricNames.INVENTORY_AWAY, opened::isUnreachable);
    for (Verdict verdict : Verdict.values()) {
      meters.gauge(MetricNames.DEVICES, () -> opened.devices(verdict), verdict.label());
    }
    return opened;
  }

  /** Whether no daemon has made the inventory's file yet; false for a shared database. */
  public static boolean isNew(ServerConfig config) {
    return config.inventory().enabled()
        && config.database() == null
        && Files.notExists(file(config));
  }

  /**
   * Reads what another configuration has for a running inventory.
   *
   * @return the action that applies it; it cannot fail
   */
  static Runnable prepare(@Nullable DeviceInventory running, ServerConfig config)
      throws OperatorException {
    if (running == null) {
      return () -> {};
    }
    try {
      DeviceNaming naming = naming(config.devices());
      return () -> running.replace(waysIn(config), naming, rules(config.inventory()));
    } catch (IOException unusable) {
      throw new OperatorException("devices.namesFile: " + unusable.getMessage(), unusable);
    }
  }

  /**
   * Opens the inventory for reading, with or without a running daemon.
   *
   * @throws SQLException if there is no inventory
   * @throws OperatorException if the database password cannot be read
   */
  public static ReadOnlyInventory read(ServerConfig config) throws SQLException, OperatorException {
    return ReadOnlyInventory.open(place(config), rules(config.inventory()), waysIn(config));
  }

  /** Reads the inventory. */
  public interface Reader {
    void read(ReadOnlyInventory inventory) throws Exception;
  }

  /**
   * Opens the inventory while a reader reads it.
   *
   * @throws OperatorException if there is none, or it cannot be read
   */
  public static void read(ServerConfig config, Reader reader) throws Exception {
    if (!config.inventory().enabled()) {
      throw new OperatorException(
          "inventory.enabled is false, so there is no inventory; set it to true");
    }
    try (ReadOnlyInventory inventory = read(config)) {
      reader.read(inventory);
    } catch (SQLException failed) {
      throw unreadable(failed);
    }
  }

  /** The exception for an inventory that cannot be read. */
  private static OperatorException unreadable(SQLException failed) {
    return new OperatorException(
        "the inventory cannot be read: " + String.valueOf(failed.getMessage()).strip());
  }

  /**
   * The location of the inventory in words.
   *
   * @throws OperatorException if the database password cannot be read
   */
  public static String describe(ServerConfig config) throws OperatorException {
    return config.inventory().enabled() ? place(config).toString() : "disabled";
  }

  private static Path file(ServerConfig config) {
    return config.dataDirectory().resolve("inventory.db");
  }

  private static DatabasePlace place(ServerConfig config) throws OperatorException {
    DatabaseConfig shared = config.database();
    return shared == null ? new DatabasePlace.Embedded(file(config)) : SharedDatabase.place(shared);
  }

  private static DeviceNaming naming(DevicesConfig devices) throws IOException {
    Map<InetAddress, String> names = new HashMap<>();
    if (devices.namesFile() != null) {
      names.putAll(DeviceNamesReader.read(devices.namesFile()));
    }
    names.putAll(devices.names());
    return new DeviceNaming(names, devices.reverseDns());
  }

  public static VerdictRules rules(InventoryConfig inventory) {
    return new VerdictRules(inventory.readyAfter(), inventory.notSeenAfter());
  }

  private static Map<String, String> waysIn(ServerConfig config) {
    return AccessLogSource.waysIn(config);
  }
}
