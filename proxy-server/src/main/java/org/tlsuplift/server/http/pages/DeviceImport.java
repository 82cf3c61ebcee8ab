package org.tlsuplift.server.http.pages;

import io.netty.util.NetUtil;
import java.io.IOException;
import java.net.InetAddress;
import java.nio.charset.StandardCharsets;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.Collections;
import java.util.HashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import java.util.UUID;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;
import org.tlsuplift.proxy.model.Labelled;
import org.tlsuplift.server.console.PageText;
import org.tlsuplift.server.http.BadRequestException;
import org.tlsuplift.server.inventory.DeviceAddress;
import org.tlsuplift.server.inventory.DeviceFilter;
import org.tlsuplift.server.inventory.DeviceNotes;
import org.tlsuplift.server.inventory.DeviceRecord;
import org.tlsuplift.server.inventory.DeviceSort;
import org.tlsuplift.server.inventory.Inventory;
import org.tlsuplift.server.inventory.Inventory.NotesChange;

/**
 * What a table would change in the notes about devices, line by line.
 *
 * @param lines in the order of the table
 */
record DeviceImport(List<Line> lines) {
  /** The columns that name a device; the first one with a text counts. */
  private static final List<String> KEYS = List.of("address", "mac", "name");

  /** What becomes of a line. */
  enum Fate implements Labelled {
    CHANGED,
    UNCHANGED,
    UNKNOWN,
    REFUSED
  }

  /**
   * A line.
   *
   * @param device as the table or the inventory names it
   * @param change null unless it is {@link Fate#CHANGED}
   * @param why the reason for another fate; may be empty
   */
  record Line(int number, String device, Fate fate, @Nullable NotesChange change, String why) {
    String shown() {
      return PageText.visible(device);
    }

    String label() {
      return fate.label();
    }

    /** The class of its colour. */
    String tone() {
      return fate == Fate.CHANGED ? "good" : fate == Fate.UNCHANGED ? "calm" : "warn";
    }

    List<DeviceNotes.Difference> differences() {
      return change == null ? List.of() : change.before().differences(change.after());
    }
  }

  /**
   * Finds the devices of a table and compares their notes.
   *
   * @param macs the addresses of MAC addresses, in lower case without separators
   * @throws BadRequestException if the table has no column for a device, or none for a note
   */
  static DeviceImport read(CsvForm table, Inventory inventory, Map<String, String> macs)
      throws BadRequestException, SQLException, IOException {
    if (Collections.disjoint(table.columns(), KEYS)
        || Collections.disjoint(table.columns(), DeviceNotes.FIELDS)) {
      throw new BadRequestException(
          400,
          "the first line must name the columns: one of address, mac and name, and some of "
              + String.join(", ", DeviceNotes.FIELDS));
    }
    Map<String, List<String>> names = names(table, inventory);
    List<List<String>> found = new ArrayList<>();
    table.lines().forEach(line -> found.add(find(line, macs, names)));
    Map<String, DeviceRecord> known =
        inventory.devices(found.stream().flatMap(List::stream).distinct().toList()).stream()
            .collect(Collectors.toMap(DeviceRecord::address, device -> device));
    Map<String, Integer> earlier = new HashMap<>();
    List<Line> lines = new ArrayList<>();
    for (int i = 0; i < table.lines().size(); i++) {
      CsvForm.Line line = table.lines().get(i);
      DeviceRecord device = found.get(i).size() == 1 ? known.get(found.get(i).get(0)) : null;
      Integer same = device == null ? null : earlier.putIfAbsent(device.address(), line.number());
      lines.add(
          device == null
              ? unknown(line, found.get(i).size())
              : same == null
                  ? compared(line, device)
                  : refused(line, "line " + same + " is about the same device"));
    }
    return new DeviceImport(lines);
  }

  /** The addresses of the devices with a name, if the table needs them. */
  private static Map<String, List<String>> names(CsvForm table, Inventory inventory)
      throws SQLException, IOException {
    Map<String, List<String>> names = new HashMap<>();
    table.lines().stream()
        .filter(line -> key(line).equals("name"))
        .forEach(line -> names.put(lower(line.cell("name")), new ArrayList<>()));
    if (!names.isEmpty()) {
      inventory
          .list(DeviceFilter.ALL, DeviceSort.ADDRESS, false)
          .forEach(
              device ->
                  Optional.ofNullable(names.get(lower(device.name())))
                      .ifPresent(addresses -> addresses.add(device.address())));
    }
    return names;
  }

  private static String lower(String text) {
    return text.toLowerCase(Locale.ROOT);
  }

  private static String key(CsvForm.Line line) {
    return KEYS.stream().filter(key -> !line.cell(key).isEmpty()).findFirst().orElse("");
  }

  private static List<String> find(
      CsvForm.Line line, Map<String, String> macs, Map<String, List<String>> names) {
    String key = key(line);
    String text = line.cell(key);
    if (key.equals("address")) {
      InetAddress address = NetUtil.createInetAddressFromIpAddressString(text);
      return address == null ? List.of() : List.of(DeviceAddress.of(address).text());
    }
    if (key.equals("mac")) {
      return Optional.ofNullable(macs.get(lower(text).replaceAll("[:.-]", ""))).stream().toList();
    }
    return names.getOrDefault(lower(text), List.of());
  }

  private static Line unknown(CsvForm.Line line, int devices) {
    return devices > 1
        ? refused(line, devices + " devices have this name; write the address")
        : new Line(line.number(), line.cell(key(line)), Fate.UNKNOWN, null, "not in the inventory");
  }

  private static Line refused(CsvForm.Line line, String why) {
    return new Line(line.number(), line.cell(key(line)), Fate.REFUSED, null, why);
  }

  private static Line compared(CsvForm.Line line, DeviceRecord device) {
    try {
      NotesChange change =
          new NotesChange(device.address(), device.notes(), device.notes().with(line.cells()));
      boolean same = change.before().equals(change.after());
      return new Line(
          line.number(),
          (device.address() + " " + device.name()).strip(),
          same ? Fate.UNCHANGED : Fate.CHANGED,
          same ? null : change,
          "");
    } catch (IllegalArgumentException wrong) {
      return refused(line, String.valueOf(wrong.getMessage()));
    }
  }

  List<NotesChange> changes() {
    return lines.stream().flatMap(line -> Optional.ofNullable(line.change()).stream()).toList();
  }

  /** Another text for other changes, so that nothing else is applied than was shown. */
  String version() {
    return UUID.nameUUIDFromBytes(changes().toString().getBytes(StandardCharsets.UTF_8)).toString();
  }

  /** The number of lines of each fate, in words. */
  String summary() {
    return lines.stream()
        .collect(Collectors.groupingBy(Line::fate, TreeMap::new, Collectors.counting()))
        .entrySet()
        .stream()
        .map(each -> PageText.count(each.getValue(), "line") + " " + each.getKey().label())
        .collect(Collectors.joining(", "));
  }
}
