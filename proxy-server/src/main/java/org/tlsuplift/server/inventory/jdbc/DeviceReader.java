package org.tlsuplift.server.inventory.jdbc;

import java.sql.ResultSet;
import java.sql.SQLException;
import java.time.Instant;
import java.util.Collection;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.function.Function;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import org.tlsuplift.proxy.model.TlsVersion;
import org.tlsuplift.server.database.Sql;
import org.tlsuplift.server.inventory.DeviceNotes;
import org.tlsuplift.server.inventory.DeviceProblem;
import org.tlsuplift.server.inventory.DeviceRecord;
import org.tlsuplift.server.inventory.FactKind;
import org.tlsuplift.server.inventory.Failures;
import org.tlsuplift.server.inventory.Ja4Table;
import org.tlsuplift.server.inventory.Verdict;
import org.tlsuplift.server.inventory.VerdictRules;
import org.tlsuplift.server.inventory.VerdictText;

/** Reads devices with their listeners, destinations and problems. */
record DeviceReader(VerdictRules rules, Map<String, String> waysIn) {
  private static final String DEVICES =
      """
      SELECT device.*, CASE WHEN name <> '' THEN name WHEN introduction = '' OR EXISTS (SELECT 1
      FROM device other WHERE other.introduction = device.introduction AND other.address <>
      device.address) THEN '' ELSE introduction END AS label
      FROM device\
      """;

  private static final String FACTS =
      "SELECT address, kind, value FROM device_fact WHERE address IN (?) AND kind IN ("
          + Selection.quoted(FactKind.LISTENER, FactKind.DESTINATION)
          + ") ORDER BY last_seen DESC, value";

  /** A listener or destination of a device. */
  private record Fact(String address, String kind, String value) {}

  /**
   * Reads devices.
   *
   * @param order the end of the query: the order and the limit, or an empty text
   */
  List<DeviceRecord> read(Sql sql, Selection selection, String order, Instant now)
      throws SQLException {
    List<String> addresses =
        selection.list(sql, "SELECT device.address FROM device", order, row -> row.getString(1));
    Map<String, List<Fact>> facts =
        sql
            .listIn(
                FACTS,
                row -> new Fact(row.getString(1), row.getString(2), row.getString(3)),
                addresses)
            .stream()
            .collect(Collectors.groupingBy(Fact::address));
    Map<String, List<DeviceProblem>> problems = ProblemReader.of(sql, addresses);
    Map<String, DeviceRecord> devices =
        read(sql, addresses, facts, problems, now).stream()
            .collect(Collectors.toMap(DeviceRecord::address, Function.identity()));
    return addresses.stream().map(devices::get).filter(Objects::nonNull).toList();
  }

  /** Reads devices by address, without their listeners, destinations and problems. */
  List<DeviceRecord> readAlone(Sql sql, Collection<String> addresses, Instant now)
      throws SQLException {
    return read(sql, addresses, Map.of(), Map.of(), now);
  }

  private List<DeviceRecord> read(
      Sql sql,
      Collection<String> addresses,
      Map<String, List<Fact>> facts,
      Map<String, List<DeviceProblem>> problems,
      Instant now)
      throws SQLException {
    return sql.listIn(
        DEVICES + " WHERE address IN (?)",
        row -> {
          String address = row.getString("address");
          return device(
              row,
              facts.getOrDefault(address, List.of()),
              problems.getOrDefault(address, List.of()),
              now);
        },
        addresses);
  }

  /** The values of a kind, the latest first. */
  private static List<String> values(List<Fact> facts, FactKind kind) {
    return facts.stream()
        .filter(fact -> fact.kind().equals(kind.label()))
        .map(Fact::value)
        .toList();
  }

  private DeviceRecord device(
      ResultSet row, List<Fact> facts, List<DeviceProblem> problems, Instant now)
      throws SQLException {
    List<String> listeners = values(facts, FactKind.LISTENER);
    Instant lastSeen = Instant.ofEpochMilli(row.getLong("last_seen"));
    VerdictRules.LastShown shown =
        new VerdictRules.LastShown(
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
        row.getString("label"),
        new DeviceNotes(
            row.getString("owner"),
            row.getString("place"),
            Stream.of(row.getString("tags").split(" ")).filter(tag -> !tag.isEmpty()).toList(),
            row.getString("note")),
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
        TlsVersion.ofCode((int) row.getLong("too_old_version")).orElse(null),
        row.getString("ja4"),
        Ja4Table.suggests(row.getString("ja4")),
        row.getString("server_name"),
        row.getString("introduction"),
        row.getString("failure"),
        moment(row.getLong("failed_at")),
        problems,
        ecRefusal(row),
        trust(row),
        listeners,
        listeners.stream().map(waysIn::get).filter(Objects::nonNull).distinct().toList(),
        values(facts, FactKind.DESTINATION));
  }

  private static @Nullable Instant ecRefusal(ResultSet row) throws SQLException {
    long refused = row.getLong("ec_failed_at");
    return refused > row.getLong("rsa_failed_at") ? moment(refused) : null;
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

  /** The label of a version code; null for none. */
  static @Nullable String version(long code) {
    return TlsVersion.ofCode((int) code).map(TlsVersion::label).orElse(null);
  }
}
