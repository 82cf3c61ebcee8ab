package org.tlsuplift.server.audit;

import java.io.IOException;
import java.sql.SQLException;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Optional;

/** The audit records that are kept, the latest first. Thread-safe. */
public interface AuditLog {
  /** How long records are kept. */
  Duration KEEP = Duration.ofDays(400);

  /**
   * Selects records.
   *
   * @param who text in the name of the user or token; empty for all
   * @param action text in the action or the changed object; empty for all
   * @param from inclusive
   * @param to exclusive
   */
  record Filter(String who, String action, Optional<Instant> from, Optional<Instant> to) {}

  /**
   * A part of the list.
   *
   * @param total of all that match
   */
  record Page(List<AuditRecord> records, long total) {}

  /** Gets one record after the other. */
  interface Consumer {
    void accept(AuditRecord written) throws IOException;
  }

  Page page(Filter filter, int offset, int limit) throws SQLException;

  /** Passes on all that match, as they are read. */
  void forEach(Filter filter, Consumer consumer) throws SQLException, IOException;
}
