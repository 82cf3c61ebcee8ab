package org.tlsuplift.server.inventory;

import java.io.IOException;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.function.Function;
import java.util.stream.Collectors;

/**
 * All devices that match a query at one moment, each of them once.
 *
 * <p>It reads the addresses and their order at that moment, and the records later, some hundred at
 * a time. So no device is missing or repeated because its position changes, and a slow consumer
 * holds no transaction and no connection. Devices that are deleted later are omitted. Needs 16
 * bytes of memory for each device. For one thread.
 */
public final class DeviceList {
  /** Devices in one read. */
  public static final int AT_ONCE = 500;

  private final AddressReader reader;
  private final List<byte[]> parts = new ArrayList<>();
  private int size;

  public DeviceList(AddressReader reader) {
    this.reader = reader;
  }

  /** Reads devices by their addresses. */
  public interface AddressReader {
    List<DeviceRecord> read(List<String> addresses) throws SQLException;
  }

  /** Gets devices one by one. */
  @FunctionalInterface
  public interface DeviceConsumer {
    /**
     * @throws IOException if the device cannot be written
     */
    void accept(DeviceRecord device) throws IOException;
  }

  /** Adds the next device, by the key of its address. */
  public void add(String key) {
    int place = size % AT_ONCE;
    if (place == 0) {
      parts.add(new byte[AT_ONCE * DeviceAddress.KEY_BYTES]);
    }
    byte[] bytes = DeviceAddress.keyBytes(key);
    byte[] part = parts.get(parts.size() - 1);
    System.arraycopy(bytes, 0, part, place * DeviceAddress.KEY_BYTES, bytes.length);
    size++;
  }

  public int size() {
    return size;
  }

  /** Passes all devices in their order. */
  public void forEach(DeviceConsumer consumer) throws SQLException, IOException {
    forEach(0, Integer.MAX_VALUE, consumer);
  }

  /**
   * Passes some devices in their order.
   *
   * @param from the number of devices to skip
   * @param most the limit
   */
  public void forEach(int from, int most, DeviceConsumer consumer)
      throws SQLException, IOException {
    int end = (int) Math.min(size, (long) from + most);
    for (int start = from; start < end; ) {
      // To the end of a part, so that the next ones are whole.
      int next = Math.min(end, (start / AT_ONCE + 1) * AT_ONCE);
      List<String> addresses = addresses(start, next);
      Map<String, DeviceRecord> known =
          reader.read(addresses).stream()
              .collect(Collectors.toMap(DeviceRecord::address, Function.identity()));
      for (String address : addresses) {
        DeviceRecord device = known.get(address);
        if (device != null) {
          consumer.accept(device);
        }
      }
      start = next;
    }
  }

  private List<String> addresses(int from, int to) {
    List<String> addresses = new ArrayList<>(to - from);
    byte[] part = parts.get(from / AT_ONCE);
    for (int i = from; i < to; i++) {
      int at = i % AT_ONCE * DeviceAddress.KEY_BYTES;
      addresses.add(DeviceAddress.text(Arrays.copyOfRange(part, at, at + DeviceAddress.KEY_BYTES)));
    }
    return addresses;
  }
}
