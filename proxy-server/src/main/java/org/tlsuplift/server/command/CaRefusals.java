package org.tlsuplift.server.command;

import java.io.IOException;
import java.sql.SQLException;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Collectors;
import org.tlsuplift.proxy.outcome.OperatorException;
import org.tlsuplift.server.command.text.DeviceText;
import org.tlsuplift.server.config.ListenerConfig;
import org.tlsuplift.server.config.ServerConfig;
import org.tlsuplift.server.daemon.InventorySource;
import org.tlsuplift.server.inventory.DeviceFilter;
import org.tlsuplift.server.inventory.DeviceRecord;
import org.tlsuplift.server.inventory.DeviceSort;
import org.tlsuplift.server.inventory.Failures;
import org.tlsuplift.server.inventory.jdbc.ReadOnlyInventory;

/** Finds the devices in the inventory that refuse the signing CA. */
final class CaRefusals {
  private static final int SHOWN = 5;

  private CaRefusals() {}

  /**
   * The number of these devices, and some of their addresses.
   *
   * @param listener the listener with its own CA; empty for all listeners without one
   * @param since when the CA was activated
   * @return empty if the configuration keeps no inventory
   */
  static Optional<String> text(ServerConfig config, Optional<String> listener, Instant since) {
    if (!config.inventory().enabled()) {
      return Optional.empty();
    }
    try (ReadOnlyInventory inventory = InventorySource.read(config)) {
      DeviceFilter refused = DeviceFilter.ALL.failedBy(Failures.DISTRUST);
      Set<String> listeners = listeners(config, listener);
      List<String> devices = new ArrayList<>();
      inventory
          .inventory()
          .list(listener.map(refused::at).orElse(refused), DeviceSort.ADDRESS, false)
          .forEach(
              0,
              Integer.MAX_VALUE,
              device -> {
                if (device.trust() == DeviceRecord.Trust.NO
                    && !device.lastSeen().isBefore(since)
                    && device.listeners().stream().anyMatch(listeners::contains)) {
                  devices.add(device.address());
                }
              });
      return Optional.of(text(devices));
    } catch (SQLException | IOException | OperatorException unreadable) {
      return Optional.of(
          "an unknown number of devices, because the inventory cannot be read: "
              + String.valueOf(unreadable.getMessage()).strip());
    }
  }

  private static Set<String> listeners(ServerConfig config, Optional<String> listener) {
    return listener
        .map(Set::of)
        .orElseGet(
            () ->
                config.listeners().stream()
                    .filter(each -> each.certificate().ownCa() == null)
                    .map(ListenerConfig::name)
                    .collect(Collectors.toUnmodifiableSet()));
  }

  private static String text(List<String> devices) {
    return devices.isEmpty()
        ? "no device since then"
        : DeviceText.count(devices.size(), "device")
            + " since then: "
            + devices.stream().limit(SHOWN).collect(Collectors.joining(", "))
            + (devices.size() > SHOWN ? ", ..." : "")
            + "; 'tls-uplift devices ADDRESS' shows one";
  }
}
