package org.tlsuplift.server.inventory.jdbc;

import java.time.Instant;
import java.util.Arrays;
import java.util.List;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.jdbi.v3.core.Handle;
import org.tlsuplift.proxy.model.OriginReply;
import org.tlsuplift.server.inventory.FactCount;
import org.tlsuplift.server.inventory.FactKind;
import org.tlsuplift.server.inventory.Failures;

/**
 * Reads problems that no later success of the device has ended.
 *
 * <p>A completed handshake ends a failed one, and an accepted message ends a refusal by SMTP. The
 * inventory knows no later success for other problems.
 */
final class OpenProblemReader {
  private static final String OPEN =
      " FROM device_fact problem JOIN device ON device.address = problem.address%s WHERE"
          + " problem.kind = ? AND problem.last_seen >= ? AND NOT (problem.kind = "
          + Selection.quoted(FactKind.FAILURE)
          + " AND device.agreed_at > problem.last_seen AND problem.value IN ("
          + quoted(Failures.OF_HANDSHAKES.stream())
          + ")) AND NOT (problem.kind = "
          + Selection.quoted(FactKind.REPLY)
          + " AND problem.value NOT IN ("
          + quoted(
              Arrays.stream(OriginReply.values())
                  .filter(OriginReply::isOfMailbox)
                  .map(OriginReply::label))
          + ") AND EXISTS (SELECT 1 FROM message_day WHERE message_day.address = problem.address"
          + " AND message_day.accepted_at > problem.last_seen))";

  private OpenProblemReader() {}

  private static String quoted(Stream<String> labels) {
    return labels.sorted().collect(Collectors.joining("', '", "'", "'"));
  }

  /** The values of a kind, by descending number of devices. */
  static List<FactCount> counts(Handle handle, FactKind kind, Instant since) {
    return handle
        .select(
            "SELECT problem.value, count(*), max(problem.last_seen)"
                + OPEN.formatted("")
                + " GROUP BY problem.value ORDER BY count(*) DESC, problem.value",
            kind.label(),
            since.toEpochMilli())
        .map(JdbcInventory::factCount)
        .list();
  }

  /** The destinations of devices with a problem, by descending number of devices. */
  static List<FactCount> destinations(Handle handle, FactKind kind, String value, Instant since) {
    return handle
        .select(
            "SELECT place.value, count(*), max(place.last_seen)"
                + OPEN.formatted(
                    " JOIN device_fact place ON place.address = problem.address AND place.kind = "
                        + Selection.quoted(FactKind.DESTINATION))
                + " AND problem.value = ? AND place.last_seen >= ? GROUP BY place.value ORDER BY"
                + " count(*) DESC, place.value",
            kind.label(),
            since.toEpochMilli(),
            value,
            since.toEpochMilli())
        .map(JdbcInventory::factCount)
        .list();
  }
}
