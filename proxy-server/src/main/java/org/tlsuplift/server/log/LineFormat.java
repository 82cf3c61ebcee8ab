package org.tlsuplift.server.log;

import java.util.Map;
import org.tlsuplift.proxy.model.SessionSummary;
import org.tlsuplift.proxy.model.UnhandledVariantException;
import org.tlsuplift.server.audit.AuditRecord;
import org.tlsuplift.server.inventory.messages.MessageRecord;

/**
 * Writes sessions, messages and audit records as lines in UTF-8, with their ends. Line ends that a
 * device sent are escaped.
 */
interface LineFormat {
  /**
   * The lines of a format.
   *
   * @param waysIn for each listener, how its devices name their destination
   */
  static LineFormat of(AccessLogFormat format, Map<String, String> waysIn) {
    return switch (format) {
      case JSON -> new JsonLine(waysIn);
      case TEXT -> new TextLine(waysIn);
    };
  }

  byte[] line(SessionSummary session);

  byte[] line(MessageRecord message);

  byte[] line(AuditRecord written);

  default byte[] line(LogEntry entry) {
    if (entry instanceof LogEntry.Session session) {
      return line(session.summary());
    }
    if (entry instanceof LogEntry.Message message) {
      return line(message.message());
    }
    if (entry instanceof LogEntry.Audit audit) {
      return line(audit.written());
    }
    throw new UnhandledVariantException(entry);
  }
}
