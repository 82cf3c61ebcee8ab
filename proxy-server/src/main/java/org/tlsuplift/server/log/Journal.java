package org.tlsuplift.server.log;

import ch.qos.logback.classic.Level;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.jspecify.annotations.Nullable;
import org.tlsuplift.server.log.SyslogMessage.Severity;

/** The journal of systemd as the reader of standard output (systemd.exec(5), sd-daemon(3)). */
public final class Journal {
  private Journal() {}

  /** Whether this process writes its standard output to the journal. */
  public static boolean readsStandardOutput() {
    return reads(Path.of("/proc/self/fd/1"), System.getenv("JOURNAL_STREAM"));
  }

  /**
   * Whether this file leads to the journal.
   *
   * @param stream the device and inode of the journal's socket; null without a journal
   */
  static boolean reads(Path file, @Nullable String stream) {
    if (stream == null) {
      return false;
    }
    try {
      return stream.equals(
          Files.getAttribute(file, "unix:dev") + ":" + Files.getAttribute(file, "unix:ino"));
    } catch (IOException | UnsupportedOperationException | IllegalArgumentException noUnix) {
      return false;
    }
  }

  /** What begins a line of informational messages. */
  public static String informational() {
    return prefix(Severity.INFORMATIONAL);
  }

  static String prefix(Severity severity) {
    return "<" + severity.code() + ">";
  }

  static Severity severity(Level level) {
    if (level.isGreaterOrEqual(Level.ERROR)) {
      return Severity.ERROR;
    }
    if (level.isGreaterOrEqual(Level.WARN)) {
      return Severity.WARNING;
    }
    return level.isGreaterOrEqual(Level.INFO) ? Severity.INFORMATIONAL : Severity.DEBUG;
  }
}
