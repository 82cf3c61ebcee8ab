package org.tlsuplift.server.terminal;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Instant;
import java.util.List;
import org.tlsuplift.server.audit.AuditJournal;
import org.tlsuplift.server.audit.AuditRecord;
import org.tlsuplift.server.audit.AuditRecord.Actor;
import org.tlsuplift.server.audit.AuditRecord.Via;
import org.tlsuplift.server.feature.Change;
import org.tlsuplift.server.feature.Change.Result;
import org.tlsuplift.server.text.Printable;

/**
 * Records what a command has changed, in the journal that a daemon with the same data directory
 * reads now or when it starts.
 */
public final class CommandAudit {
  private CommandAudit() {}

  /**
   * Records a change. If that fails, the command warns and continues: its user can change the files
   * without it too. Without a data directory there has been no daemon, and nothing is recorded.
   *
   * @param action such as {@code accounts.add}
   */
  public static void record(
      CommandOutput output, Path dataDirectory, String action, Change change) {
    record(output, dataDirectory, action, List.of(change));
  }

  /** Records several changes, as for one. */
  public static void record(
      CommandOutput output, Path dataDirectory, String action, List<Change> changes) {
    try {
      append(dataDirectory, action, changes);
    } catch (IOException failed) {
      output
          .commandLine()
          .getErr()
          .println(
              Printable.line(
                  "warning: the change %s made, but it is missing in the audit log: "
                          .formatted(
                              changes.get(0).result() == Result.UNKNOWN ? "may have been" : "is")
                      + failed.getMessage()));
      output.commandLine().getErr().flush();
    }
  }

  /**
   * Records changes.
   *
   * @throws IOException if that fails
   */
  public static void append(Path dataDirectory, String action, List<Change> changes)
      throws IOException {
    if (Files.isDirectory(dataDirectory)) {
      new AuditJournal(dataDirectory)
          .append(
              AuditRecord.of(
                  Instant.now(), new Actor(user(), "", "", "", Via.COMMAND), action, changes));
    }
  }

  private static String user() {
    String user = System.getProperty("user.name", "");
    String sudo = System.getenv("SUDO_USER");
    return sudo == null || sudo.isEmpty() ? user : user + " (sudo: " + sudo + ")";
  }
}
