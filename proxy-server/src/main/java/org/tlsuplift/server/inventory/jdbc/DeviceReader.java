package org.tlsuplift.server.inventory.jdbc;

import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import org.jspecify.annotations.Nullable;
import org.tlsuplift.proxy.model.TlsVersion;
import org.tlsuplift.server.inventory.DeviceRecord;
import org.tlsuplift.server.inventory.FactKind;
import org.tlsuplift.server.inventory.Failures;
import org.tlsuplift.server.inventory.Ja4Table;
import org.tlsuplift.server.inventory.Shown;
import org.tlsuplift.server.inventory.Verdict;
import org.tlsuplift.server.inventory.VerdictRules;
import org.tlsuplift.server.inventory.VerdictText;

/** Makes records of rows, with what else there is of each device. */
final class DeviceReader {
  private final VerdictRules rules;
  private final Map<String, String> waysIn;

  DeviceReader(VerdictRules rules, Map<String, String> waysIn) {
    this.rules = rules;
    this.waysIn = waysIn;
  }

  /** Where a device came in and where it wanted to go. */
  private record Places(List<String> listeners, List<String> destinations) {}

  List<DeviceRecord> read(Connection connection, String sql, Selection selection, Instant now)
      throws SQLException {
    List<DeviceRecord> records = new ArrayList<>();
    Map<String, Places> places = new HashMap<>();
    try (PreparedStatement statement = connection.prepareStatement(sql)) {
      selection.bind(statement);
      try (ResultSet found = statement.executeQuery()) {
        while (found.next()) {
          Places empty = new Places(new ArrayList<>(), new ArrayList<>());
          places.put(found.getString("address"), empty);
          records.add(device(found, now));
        }
      }
    }
    readPlaces(connection, places);
    return records.stream()
        .map(device -> with(device, Objects.requireNonNull(places.get(device.address()))))
        .toList();
  }

  /** Those devices without their places. */
  List<DeviceRecord> readAlone(Connection connection, Selection selection, Instant now)
      throws SQLException {
    List<DeviceRecord> records = new ArrayList<>();
    try (PreparedStatement statement =
        connection.prepareStatement("SELECT * FROM device WHERE " + selection.where())) {
      selection.bind(statement);
      try (ResultSet found = statement.executeQuery()) {
        while (found.next()) {
          records.add(device(found, now));
        }
      }
    }
    return records;
  }

  private static void readPlaces(Connection connection, Map<String, Places> places)
      throws SQLException {
    if (places.isEmpty()) {
      return;
    }
    List<String> addresses = List.copyOf(places.keySet());
    String sql =
        "SELECT address, kind, value FROM device_fact WHERE address IN (?"
            + ", ?".repeat(addresses.size() - 1)
            + ") AND kind IN ("
            + Selection.quoted(FactKind.LISTENER)
            + ", "
            + Selection.quoted(FactKind.DESTINATION)
            + ") ORDER BY last_seen DESC, value";
    try (PreparedStatement statement = connection.prepareStatement(sql)) {
      new Selection("", addresses).bind(statement);
      try (ResultSet found = statement.executeQuery()) {
        while (found.next()) {
          Places known = Objects.requireNonNull(places.get(found.getString(1)));
          boolean listener = found.getString(2).equals(FactKind.LISTENER.label());
          (listener ? known.listeners() : known.destinations()).add(found.getString(3));
        }
      }
    }
  }

  private DeviceRecord with(DeviceRecord device, Places places) {
    LinkedHashSet<String> ways = new LinkedHashSet<>();
    for (String listener : places.listeners()) {
      String way = waysIn.get(listener);
      if (way != null) {
        ways.add(way);
      }
    }
    return device.with(places.listeners(), List.copyOf(ways), places.destinations());
  }

  private DeviceRecord device(ResultSet row, Instant now) throws SQLException {
    Instant lastSeen = Instant.ofEpochMilli(row.getLong("last_seen"));
    Shown shown =
        new Shown(
            row.getLong("last_seen"),
            row.getLong("plaintext_at"),
            row.getLong("too_old_at"),
            row.getLong("only_rsa_at"),
            row.getLong("no_suite_at"),
            row.getLong("ready_at"));
    Verdict verdict = rules.judge(shown, now);
    return new DeviceRecord(
        row.getString("address"),
        row.getString("name"),
        verdict,
        VerdictText.of(verdict, row.getLong("too_old_version"), lastSeen, now),
        Instant.ofEpochMilli(row.getLong("first_seen")),
        lastSeen,
        row.getLong("sessions"),
        row.getLong("legacy"),
        row.getLong("modern"),
        row.getLong("plaintext"),
        row.getLong("failures"),
        row.getLong("bytes_up"),
        row.getLong("bytes_down"),
        row.getLong("ssl2_hellos"),
        version(row.getLong("worst_version")),
        version(row.getLong("agreed_version")),
        row.getString("agreed_suite"),
        version(row.getLong("offered_version")),
        row.getString("ja4"),
        Ja4Table.suggests(row.getString("ja4")),
        row.getString("server_name"),
        row.getString("introduction"),
        row.getString("failure"),
        moment(row.getLong("failed_at")),
        trust(row),
        List.of(),
        List.of(),
        List.of());
  }

  private static DeviceRecord.Trust trust(ResultSet row) throws SQLException {
    long trusted = row.getLong("trusted_at");
    long distrusted = row.getLong("distrusted_at");
    boolean leftUnused =
        row.getString("failure").equals(Failures.LEFT_UNUSED)
            && row.getLong("failed_at") >= Math.max(trusted, distrusted);
    if (leftUnused || (trusted == 0 && distrusted == 0)) {
      return DeviceRecord.Trust.UNKNOWN;
    }
    return trusted > distrusted ? DeviceRecord.Trust.YES : DeviceRecord.Trust.NO;
  }

  private static @Nullable Instant moment(long millis) {
    return millis == 0 ? null : Instant.ofEpochMilli(millis);
  }

  /** The label of a version's number; null for none. */
  static @Nullable String version(long code) {
    return TlsVersion.ofCode((int) code).map(TlsVersion::label).orElse(null);
  }
}
