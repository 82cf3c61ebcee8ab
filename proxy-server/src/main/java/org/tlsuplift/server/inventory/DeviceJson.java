package org.tlsuplift.server.inventory;

import com.fasterxml.jackson.annotation.JsonUnwrapped;
import java.io.IOException;
import java.io.OutputStream;
import java.io.Writer;
import java.sql.SQLException;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;
import java.util.function.Function;
import java.util.stream.Collectors;

/**
 * Writes devices as JSON in the format of {@code /api/devices}, escaped for use inside HTML.
 * Unknown values are omitted.
 */
public final class DeviceJson {
  private DeviceJson() {}

  record History(
      @JsonUnwrapped DeviceRecord device,
      Map<FactKind, List<DeviceHistory.Fact>> seen,
      List<DeviceProblem> problems,
      List<DeviceHistory.Day> days) {}

  /** Writes an array, one device at a time while the devices are read. */
  public static void write(Rows<DeviceRecord> devices, Writer target)
      throws SQLException, IOException {
    devices.json(Function.identity(), target);
  }

  /** Writes the same array as a file in UTF-8 that ends with a newline. */
  public static void write(Rows<DeviceRecord> devices, OutputStream target)
      throws SQLException, IOException {
    devices.json(Function.identity(), target);
  }

  /** Writes one device with its history. */
  public static void write(DeviceHistory history, Writer target) throws IOException {
    Map<FactKind, List<DeviceHistory.Fact>> seen =
        history.facts().stream()
            .collect(
                Collectors.groupingBy(
                    DeviceHistory.Fact::kind,
                    () -> new EnumMap<>(FactKind.class),
                    Collectors.toList()));
    Rows.JSON.writeValue(
        target, new History(history.device(), seen, history.device().problems(), history.days()));
  }
}
