package org.tlsuplift.server.log;

import org.tlsuplift.proxy.model.SessionSummary;
import org.tlsuplift.server.audit.AuditRecord;
import org.tlsuplift.server.inventory.messages.MessageRecord;

/** What becomes a line of the access log. */
sealed interface LogEntry {
  /** A session, at its end. */
  record Session(SessionSummary summary) implements LogEntry {}

  /** A message, at its end: before the session that it belongs to. */
  record Message(MessageRecord message) implements LogEntry {}

  /** A change, or an attempt. */
  record Audit(AuditRecord written) implements LogEntry {}
}
