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
 * The devices that match a query at one moment, each exactly once.
 *
 * <p>The list holds the addresses in their order and reads the records later, a few hundred at a
 * time. A device that changes its position is therefore neither missed nor repeated, and a slow
 * consumer holds no transaction and no connection. The list omits devices that are deleted in the
 * meantime. It needs 16 bytes of memory per device. Not thread-safe.
 */
public final class DeviceList implements Rows<DeviceRecord> {
  /** Devices per read. */
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

  /** Passes all devices to the consumer, in their order. */
  @Override
  public void forEach(Rows.Receiver<DeviceRecord> consumer) throws SQLException, IOException {
    forEach(0, Integer.MAX_VALUE, consumer);
  }

  /**
   * Passes a range of devices to the consumer, in their order.
   *
   * @param from the number of devices to skip
   * @param most the largest number of devices to pass
   */
  public void forEach(int from, int most, Rows.Receiver<DeviceRecord> consumer)
      throws SQLException, IOException {
    int end = (int) Math.min(size, (long) from + most);
    for (int start = from; start < end; ) {
      // Ends at the boundary of a part, because each read covers one part.
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
