package org.tlsuplift.server.log;

import java.time.Instant;

/**
 * A line for a syslog server.
 *
 * @param id the kind of line, which receivers filter by: 1 to 32 visible ASCII characters
 * @param text on one line
 */
public record SyslogMessage(Instant time, Severity severity, String id, String text) {
  /** How important a message is (RFC 5424 section 6.2.1). */
  public enum Severity {
    ERROR(3),
    WARNING(4),
    INFORMATIONAL(6),
    DEBUG(7);

    private final int code;

    Severity(int code) {
      this.code = code;
    }

    /** The number of syslog, which is that of sd-daemon(3) too. */
    public int code() {
      return code;
    }
  }
}
