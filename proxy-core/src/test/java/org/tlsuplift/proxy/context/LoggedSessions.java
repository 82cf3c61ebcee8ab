package org.tlsuplift.proxy.context;

import ch.qos.logback.classic.Level;
import ch.qos.logback.classic.Logger;
import ch.qos.logback.classic.spi.ILoggingEvent;
import ch.qos.logback.core.read.ListAppender;
import java.util.List;
import java.util.stream.Collectors;
import org.slf4j.LoggerFactory;

/** Collects the lines about sessions, as the console prints them after time and level. */
public final class LoggedSessions implements AutoCloseable {
  private final Logger logger = (Logger) LoggerFactory.getLogger("org.tlsuplift.session");
  private final Level before = logger.getLevel();
  private final ListAppender<ILoggingEvent> events = new ListAppender<>();

  public LoggedSessions() {
    this(Level.INFO);
  }

  LoggedSessions(Level level) {
    events.start();
    logger.setLevel(level);
    logger.addAppender(events);
  }

  Logger logger() {
    return logger;
  }

  List<ILoggingEvent> events() {
    return events.list;
  }

  public List<String> lines() {
    return events.list.stream().map(LoggedSessions::line).toList();
  }

  private static String line(ILoggingEvent event) {
    return event.getFormattedMessage()
        + (event.getKeyValuePairs() == null
            ? ""
            : event.getKeyValuePairs().stream()
                .map(each -> " " + each.key + "=\"" + each.value + "\"")
                .collect(Collectors.joining()));
  }

  @Override
  public void close() {
    logger.detachAppender(events);
    logger.setLevel(before);
  }
}
