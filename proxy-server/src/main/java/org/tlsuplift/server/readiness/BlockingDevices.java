package org.tlsuplift.server.readiness;

import java.sql.SQLException;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.function.Consumer;
import java.util.function.Function;
import java.util.stream.Collectors;
import org.tlsuplift.server.inventory.DeviceRecord;
import org.tlsuplift.server.inventory.Inventory;
import org.tlsuplift.server.inventory.ListenerNeed;

/** Combines needs with the devices' details, and reads a few hundred devices per query. */
final class BlockingDevices {
  private static final int AT_ONCE = 500;

  private final Inventory inventory;
  private final Set<String> listeners;
  private final Consumer<BlockingDevice> sink;
  private final Map<String, List<ListenerNeed>> waiting = new LinkedHashMap<>();

  BlockingDevices(Inventory inventory, Set<String> listeners, Consumer<BlockingDevice> sink) {
    this.inventory = inventory;
    this.listeners = listeners;
    this.sink = sink;
  }

  /** The needs of one device must be consecutive. */
  void need(ListenerNeed need) throws SQLException {
    if (!listeners.contains(need.listener())) {
      return;
    }
    if (waiting.size() == AT_ONCE && !waiting.containsKey(need.address())) {
      end();
    }
    waiting.computeIfAbsent(need.address(), address -> new ArrayList<>()).add(need);
  }

  /** Passes on the remaining devices. */
  void end() throws SQLException {
    Map<String, DeviceRecord> devices =
        inventory.devices(waiting.keySet()).stream()
            .collect(Collectors.toMap(DeviceRecord::address, Function.identity()));
    waiting.forEach(
        (address, needs) -> {
          DeviceRecord device = devices.get(address);
          // The inventory may have deleted the device since.
          if (device != null) {
            sink.accept(
                new BlockingDevice(
                    device, BlockingDevice.latestFirst(needs), DeviceRemedy.of(device, needs)));
          }
        });
    waiting.clear();
  }
}
