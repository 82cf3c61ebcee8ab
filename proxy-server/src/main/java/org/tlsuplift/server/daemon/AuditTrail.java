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
  private final String instance;

  /** The records of the journal that the access log has, but that are still in the journal. */
  private int logged;

  /**
   * @param instance the name of this daemon
   */
  AuditTrail(AuditJournal journal, AccessLogs accessLogs, String instance) {
    this.journal = journal;
    this.accessLogs = accessLogs;
    this.instance = instance;
  }

  void start(@Nullable DeviceInventory inventory, Schedule schedule) {
    if (inventory == null) {
      schedule.every(PERIOD, "audit log", this::moveToAccessLog);
    } else {
      inventory.keepAudit(this::move);
    }
  }

  private void moveToAccessLog() {
    try {
      this.<IOException>move(records -> {});
    } catch (IOException failed) {
      log.error("the audit log cannot be read: {}", failed.getMessage());
    }
  }

  private <E extends Exception> void move(AuditJournal.Receiver<E> database) throws IOException, E {
    boolean emptied =
        journal.drain(
            waiting -> {
              List<AuditRecord> records =
                  waiting.stream().map(each -> each.withInstance(instance)).toList();
              write(records);
              database.receive(records);
            });
    if (emptied) {
      logged = 0;
    }
  }

  private void write(List<AuditRecord> records) {
    records.subList(Math.min(logged, records.size()), records.size()).forEach(accessLogs::audit);
    logged = records.size();
  }
}
