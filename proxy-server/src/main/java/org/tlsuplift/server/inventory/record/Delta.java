package org.tlsuplift.server.inventory.record;

import java.net.InetAddress;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.stream.Collectors;
import org.tlsuplift.server.inventory.DeviceAddress;
import org.tlsuplift.server.inventory.FactKind;
import org.tlsuplift.server.inventory.Inventory;
import org.tlsuplift.server.inventory.Success;
import org.tlsuplift.server.inventory.messages.MessageRecord;

/**
 * Merges sightings into rows until they are written: one row for each device, fact, day and
 * listener.
 *
 * <p>It rejects new devices beyond its bound. Not thread-safe.
 */
public final class Delta {
  /** Up to 3 KB each; more are dropped while the database is unreachable. */
  static final int MAX_MESSAGES = 10_000;

  /** Enough for 50 listeners and a database outage of two days. */
  private static final int MAX_SLOTS = 30_000;

  private final Map<InetAddress, DeviceRows> devices = new HashMap<>();
  private final Map<Slot, Row> slots = new HashMap<>();
  private final Map<Watch, Row> watches = new HashMap<>();
  private final Map<MessageDay, Row> messageDays = new HashMap<>();
  private final List<MessageRecord> messages = new ArrayList<>();
  private final SightingRows added = new SightingRows();
  private final int maxDevices;

  private record Slot(String listener, long width, long start) {}

  private record MessageDay(InetAddress device, long day) {}

  private record Watch(String listener, long day) {}

  public Delta(int maxDevices) {
    this.maxDevices = maxDevices;
  }

  /** The rows of one device. */
  public static final class DeviceRows {
    private final DeviceAddress address;
    private final Row device;
    private final Map<Fact, Row> facts = new HashMap<>();
    private final Map<Long, Row> days = new TreeMap<>();
    private final Map<Needed, Row> needs = new HashMap<>();
    private final Map<AtOrigin, Row> origins = new HashMap<>();

    private record Fact(String kind, String value) {}

    private record Needed(String listener, String need) {}

    private record AtOrigin(String origin, String kind, String value) {}

    DeviceRows(DeviceAddress address) {
      this.address = address;
      this.device =
          Tables.DEVICE.row().set("address", address.text()).set("address_key", address.key());
    }

    public DeviceAddress address() {
      return address;
    }

    public Row device() {
      return device;
    }

    public List<Row> facts() {
      return facts.values().stream().sorted(Row::compareKeys).toList();
    }

    public List<Row> days() {
      return List.copyOf(days.values());
    }

    public List<Row> needs() {
      return needs.values().stream().sorted(Row::compareKeys).toList();
    }

    public List<Row> origins() {
      return origins.values().stream().sorted(Row::compareKeys).toList();
    }

    private void add(Sighting sighting, SightingRows rows) {
      device.merge(rows.device(sighting, address));
      Row day = rows.day(sighting, address);
      merge(days, day.number("day"), day);
      rows.facts(
          sighting,
          address,
          fact -> merge(facts, new Fact(fact.text("kind"), fact.text("value")), fact));
      rows.need(sighting, address)
          .ifPresent(
              need -> merge(needs, new Needed(need.text("listener"), need.text("need")), need));
      rows.origins(
          sighting,
          address,
          row ->
              merge(
                  origins,
                  new AtOrigin(row.text("origin"), row.text("kind"), row.text("value")),
                  row));
      if (facts.size() > FactKind.MAX_VALUES) {
        forgetSomeFacts();
      }
      if (origins.size() > FactKind.MAX_VALUES) {
        forgetSomeOrigins();
      }
    }

    /**
     * Removes origins in the order of {@code Store}: origins with the latest problems stay, then
     * those with the latest successes.
     */
    private void forgetSomeOrigins() {
      Map<String, long[]> latest = new HashMap<>();
      origins.forEach(
          (key, row) -> {
            long[] times = latest.computeIfAbsent(key.origin(), origin -> new long[2]);
            int index = key.kind().equals(Success.KIND) ? 1 : 0;
            times[index] = Math.max(times[index], row.number("last_seen"));
          });
      Set<String> forgotten =
          latest.entrySet().stream()
              .sorted(
                  Comparator.comparingLong((Map.Entry<String, long[]> each) -> each.getValue()[0])
                      .thenComparingLong(each -> each.getValue()[1])
                      .thenComparing(Map.Entry::getKey)
                      .reversed())
              .skip(FactKind.MAX_VALUES)
              .map(Map.Entry::getKey)
              .collect(Collectors.toSet());
      origins.keySet().removeIf(key -> forgotten.contains(key.origin()));
    }

    /** Keeps only the latest values of the kinds that a device can invent. */
    private void forgetSomeFacts() {
      for (FactKind kind : FactKind.values()) {
        if (kind.isOpen()) {
          facts.values().stream()
              .filter(fact -> fact.text("kind").equals(kind.label()))
              .sorted(
                  Comparator.comparingLong((Row fact) -> fact.number("last_seen"))
                      .thenComparing(fact -> fact.text("value"))
                      .reversed())
              .skip(FactKind.MAX_VALUES)
              .map(fact -> new Fact(kind.label(), fact.text("value")))
              .toList()
              .forEach(facts::remove);
        }
      }
    }
  }

  /**
   * Adds a sighting.
   *
   * @return false if the device is new and the bound is reached
   */
  public boolean add(Sighting sighting) {
    DeviceRows rows = devices.get(sighting.device());
    boolean room = rows != null || devices.size() < maxDevices;
    if (rows == null) {
      rows = new DeviceRows(DeviceAddress.of(sighting.device()));
      if (room) {
        devices.put(sighting.device(), rows);
      }
    }
    if (room) {
      rows.add(sighting, added);
    }
    slot(added.slot(sighting, Inventory.FINE));
    slot(added.slot(sighting, Inventory.DAY));
    return room;
  }

  /**
   * Adds a message.
   *
   * @return false if the bound is reached
   */
  public boolean add(MessageRecord message) {
    if (messages.size() >= MAX_MESSAGES) {
      return false;
    }
    messages.add(message);
    if (!message.outcome().isLater()) {
      Row day = SightingRows.messageDay(message);
      merge(messageDays, new MessageDay(message.device(), day.number("day")), day);
    }
    return true;
  }

  /** Adds observation rows, one for each listener and day. */
  public void watched(List<Row> rows) {
    rows.forEach(row -> merge(watches, new Watch(row.text("listener"), row.number("day")), row));
  }

  private void slot(Row row) {
    Slot key = new Slot(row.text("listener"), row.number("width"), row.number("start"));
    if (slots.size() < MAX_SLOTS || slots.containsKey(key)) {
      merge(slots, key, row);
    }
  }

  /** Copies the added row, because its owner reuses it. */
  private static <K> void merge(Map<K, Row> rows, K key, Row added) {
    Row known = rows.get(key);
    if (known == null) {
      rows.put(key, added.copy());
    } else {
      known.merge(added);
    }
  }

  boolean isEmpty() {
    return slots.isEmpty() && watches.isEmpty() && messages.isEmpty();
  }

  public Set<InetAddress> addresses() {
    return devices.keySet();
  }

  /** In the order of addresses, so that two daemons lock rows in the same order. */
  public List<DeviceRows> devices() {
    return devices.values().stream()
        .sorted(Comparator.comparing(rows -> rows.address().text()))
        .toList();
  }

  /** In the order of their ends. */
  public List<MessageRecord> messages() {
    return List.copyOf(messages);
  }

  public List<Row> messageDays() {
    return messageDays.values().stream().sorted(Row::compareKeys).toList();
  }

  public List<Row> watches() {
    return watches.values().stream().sorted(Row::compareKeys).toList();
  }

  public List<Row> slots() {
    return slots.values().stream().sorted(Row::compareKeys).toList();
  }
}
