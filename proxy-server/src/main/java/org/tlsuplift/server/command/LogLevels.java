package org.tlsuplift.server.command;

import ch.qos.logback.classic.Level;
import ch.qos.logback.classic.Logger;
import org.slf4j.LoggerFactory;

/** Changes how much this program logs; libraries keep to warnings. */
final class LogLevels {
  private LogLevels() {}

  static void verbose() {
    set(Level.DEBUG);
  }

  static void normal() {
    set(Level.INFO);
  }

  /** For commands whose own output is what counts. */
  static void quiet() {
    set(Level.WARN);
  }

  private static void set(Level level) {
    if (LoggerFactory.getLogger("org.tlsuplift") instanceof Logger logger) {
      logger.setLevel(level);
    }
  }
}
