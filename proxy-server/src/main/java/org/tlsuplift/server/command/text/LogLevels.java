package org.tlsuplift.server.command.text;

import ch.qos.logback.classic.Level;
import ch.qos.logback.classic.Logger;
import org.slf4j.LoggerFactory;

/** Changes how much this program logs; libraries log warnings only. */
public final class LogLevels {
  private static final String OURS = "org.tlsuplift";

  private LogLevels() {}

  public static void verbose() {
    set(Level.DEBUG);
  }

  public static void normal() {
    set(Level.INFO);
  }

  /** For commands with their own output. */
  public static void quiet() {
    set(Level.WARN);
  }

  /** For commands that report failures themselves; debug output stays if it is on. */
  public static void silent() {
    if (LoggerFactory.getLogger(OURS) instanceof Logger logger
        && logger.getEffectiveLevel() != Level.DEBUG) {
      logger.setLevel(Level.ERROR);
      set("com.microsoft.aad.msal4j", Level.OFF);
    }
  }

  private static void set(Level level) {
    set(OURS, level);
  }

  private static void set(String name, Level level) {
    if (LoggerFactory.getLogger(name) instanceof Logger logger) {
      logger.setLevel(level);
    }
  }
}
