package org.tlsuplift.server.inventory;

import com.fasterxml.jackson.annotation.JsonUnwrapped;
import com.fasterxml.jackson.databind.ObjectWriter;
import com.fasterxml.jackson.databind.SequenceWriter;
import java.io.BufferedWriter;
import java.io.IOException;
import java.io.OutputStream;
import java.io.OutputStreamWriter;
import java.io.Writer;
import java.nio.charset.StandardCharsets;
import java.sql.SQLException;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;
import java.util.stream.Collectors;
import org.tlsuplift.server.log.Json;

/**
 * Writes devices as JSON in the format of {@code /api/devices}, escaped for use inside HTML.
 * Unknown values are omitted.
 */
public final class DeviceJson {
  /** Escapes the characters that end a text, a tag or a script in HTML. */
  private static final ObjectWriter JSON = Json.INDENTED.with(Json.escaping("<>&'\u007f"));

  private DeviceJson() {}

  /** Devices that are read while they are written. */
  public interface Devices {
    void forEach(DeviceList.DeviceConsumer consumer) throws SQLException, IOException;
  }

  private record History(
      @JsonUnwrapped DeviceRecord device,
      Map<FactKind, List<DeviceHistory.Fact>> seen,
      List<DeviceProblem> problems,
      List<DeviceHistory.Day> days) {}

  /** Writes an array, one device at a time while the devices are read. */
  public static void write(Devices devices, Writer target) throws SQLException, IOException {
    try (SequenceWriter array = JSON.writeValuesAsArray(target)) {
      devices.forEach(array::write);
    }
  }

  /** Writes the same array as a file in UTF-8 that ends with a newline. */
  public static void write(Devices devices, OutputStream target) throws SQLException, IOException {
    Writer writer = new BufferedWriter(new OutputStreamWriter(target, StandardCharsets.UTF_8));
    write(devices, writer);
    writer.write('\n');
    writer.flush();
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
    JSON.writeValue(
        target, new History(history.device(), seen, history.device().problems(), history.days()));
  }
}
