package org.tlsuplift.server.log;

/** How a line is written. */
public enum AccessLogFormat {
  /** One JSON object, for programs. */
  JSON,
  /** Words in a fixed order, for people. */
  TEXT
}
