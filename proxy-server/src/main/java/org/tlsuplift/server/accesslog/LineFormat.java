package org.tlsuplift.server.accesslog;

import org.tlsuplift.proxy.model.SessionSummary;

/** Says a session in one line. */
interface LineFormat {
  /** The line in UTF-8, with its end; whatever a device sent, it is one line. */
  byte[] line(SessionSummary session);
}
