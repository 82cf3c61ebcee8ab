package org.tlsuplift.server.accesslog;

import org.tlsuplift.proxy.model.SessionSummary;

/** Writes a session as one line. */
interface LineFormat {
  /** The line in UTF-8, with its end. Line ends that a device sent are escaped. */
  byte[] line(SessionSummary session);
}
