package org.tlsuplift.server.log;

import ch.qos.logback.classic.Level;
import ch.qos.logback.classic.LoggerContext;
import ch.qos.logback.classic.spi.LoggingEvent;
import ch.qos.logback.classic.spi.ThrowableProxy;
import org.slf4j.LoggerFactory;
import org.slf4j.event.KeyValuePair;

/** Events as the program logs them. */
final class Events {
  private static final LoggerContext CONTEXT = (LoggerContext) LoggerFactory.getILoggerFactory();

  private Events() {}

  /** A line with these values, each after its key. */
  static LoggingEvent of(Level level, String message, Object... keysAndValues) {
    LoggingEvent event =
        new LoggingEvent("test", CONTEXT.getLogger("test"), level, message, null, null);
    for (int i = 0; i < keysAndValues.length; i += 2) {
      event.addKeyValuePair(
          new KeyValuePair(String.valueOf(keysAndValues[i]), keysAndValues[i + 1]));
    }
    return event;
  }

  static ThrowableProxy cause(Throwable cause) {
    return new ThrowableProxy(cause);
  }
}
