package org.tlsuplift.server.inventory.jdbc;

import java.sql.SQLException;
import java.time.Instant;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.stream.Collectors;
import org.tlsuplift.proxy.model.Labelled;
import org.tlsuplift.proxy.outcome.OriginReply;
import org.tlsuplift.server.database.Sql;
import org.tlsuplift.server.inventory.DeviceProblem;
import org.tlsuplift.server.inventory.FactCount;
import org.tlsuplift.server.inventory.FactKind;
import org.tlsuplift.server.inventory.Failures;
import org.tlsuplift.server.inventory.Success;

/**
 * Reads the problems of devices at origins, and which of them a later success has ended. {@link
 * Success} has the success that ends each problem.
 */
final class ProblemReader {
  private static final String PROBLEMS =
      " FROM device_origin problem WHERE problem.kind <> '" + Success.KIND + "'";

  /** A problem without a known origin ends with the success at any. */
  private static final String ENDED =
      """
      EXISTS (SELECT 1 FROM device_origin success WHERE success.address = problem.address
      AND success.kind = '%s' AND success.value = CASE
      WHEN problem.kind = %s THEN CASE WHEN problem.value IN (%s) THEN %s ELSE %s END
      WHEN problem.value IN (%s) THEN %s ELSE %s END
      AND success.last_seen >= problem.last_seen
      AND (problem.origin = '' OR success.origin = problem.origin))\
      """
          .formatted(
              Success.KIND,
              Selection.quoted(FactKind.REPLY),
              Selection.quoted(
                  Arrays.stream(OriginReply.values())
                      .filter(OriginReply::isOfMailbox)
                      .map(OriginReply::label)),
              Selection.quoted(Success.SIGN_IN),
              Selection.quoted(Success.MESSAGE),
              Selection.quoted(Failures.OF_HANDSHAKES.stream()),
              Selection.quoted(Success.HANDSHAKE),
              Selection.quoted(Success.SESSION));

  private static final String OPEN =
      PROBLEMS + " AND problem.last_seen >= %s AND NOT " + ENDED + " AND problem.";

  private ProblemReader() {}

  /**
   * The condition that a device has an open problem.
   *
   * @param which a condition on {@code problem} after its first dot
   */
  static String condition(Instant since, String which) {
    return "device.address IN (SELECT problem.address"
        + OPEN.formatted(since.toEpochMilli())
        + which
        + ")";
  }

  /** The open problems of a kind, by descending number of devices. */
  static List<FactCount> counts(Sql sql, FactKind kind, Instant since) throws SQLException {
    return sql.list(
        "SELECT problem.value, count(DISTINCT problem.address), max(problem.last_seen)"
            + OPEN.formatted("?")
            + "kind = ? GROUP BY problem.value ORDER BY 2 DESC, problem.value",
        JdbcInventory::factCount,
        since.toEpochMilli(),
        kind.label());
  }

  /** The known origins of an open problem, by descending number of devices. */
  static List<FactCount> origins(Sql sql, FactKind kind, String value, Instant since)
      throws SQLException {
    return sql.list(
        "SELECT problem.origin, count(*), max(problem.last_seen)"
            + OPEN.formatted("?")
            + "kind = ? AND problem.value = ? AND problem.origin <> '' GROUP BY problem.origin"
            + " ORDER BY 2 DESC, problem.origin",
        JdbcInventory::factCount,
        since.toEpochMilli(),
        kind.label(),
        value);
  }

  private record Found(String address, DeviceProblem problem) {}

  /** The problems of devices by address, the latest first. */
  static Map<String, List<DeviceProblem>> of(Sql sql, List<String> addresses) throws SQLException {
    return sql
        .listIn(
            "SELECT problem.address, problem.kind, problem.value, problem.origin,"
                + " problem.last_seen, CASE WHEN "
                + ENDED
                + " THEN 1 ELSE 0 END"
                + PROBLEMS
                + " AND problem.address IN (?) ORDER BY problem.last_seen DESC,"
                + " problem.kind, problem.value, problem.origin",
            row ->
                new Found(
                    row.getString(1),
                    new DeviceProblem(
                        Labelled.of(row.getString(2), FactKind.values(), FactKind.UNKNOWN),
                        row.getString(3),
                        row.getString(4),
                        Instant.ofEpochMilli(row.getLong(5)),
                        row.getInt(6) == 1)),
            addresses)
        .stream()
        .collect(
            Collectors.groupingBy(
                Found::address, Collectors.mapping(Found::problem, Collectors.toList())));
  }
}
