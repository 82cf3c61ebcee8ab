package org.tlsuplift.server.daemon;

import java.io.IOException;
import java.time.Duration;
import java.util.List;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.tlsuplift.server.audit.AuditJournal;
import org.tlsuplift.server.audit.AuditRecord;
import org.tlsuplift.server.background.Schedule;
import org.tlsuplift.server.inventory.jdbc.DeviceInventory;

/**
 * Moves audit records from the journal, which commands write too, to the access log and the
 * inventory's database. Without an inventory they are in the access log only. For one thread.
 */
final class AuditTrail {
  private static final Logger log = LoggerFactory.getLogger(AuditTrail.class);
  private static final Duration PERIOD = Duration.ofSeconds(1);

  private final AuditJournal journal;
  private final AccessLogs accessLogs;

  /** The records of the journal that the access log has, because the database failed after it. */
  private int logged;

  AuditTrail(AuditJournal journal, AccessLogs accessLogs) {
    this.journal = journal;
    this.accessLogs = accessLogs;
  }

  void start(@Nullable DeviceInventory inventory, Schedule schedule) {
    if (inventory == null) {
      schedule.every(PERIOD, "audit log", this::moveToAccessLog);
    } else {
      inventory.keepAudit(
          writer ->
              journal.drain(
                  records -> {
                    write(records);
                    writer.write(records);
                    logged = 0;
                  }));
    }
  }

  private void moveToAccessLog() {
    try {
      journal.drain(
          records -> {
            write(records);
            logged = 0;
          });
    } catch (IOException failed) {
      log.error("the audit log cannot be read: {}", failed.getMessage());
    }
  }

  private void write(List<AuditRecord> records) {
    records.subList(Math.min(logged, records.size()), records.size()).forEach(accessLogs::audit);
    logged = records.size();
  }
}
