package org.tlsuplift.server.log;

import ch.qos.logback.classic.spi.ILoggingEvent;
import ch.qos.logback.core.rolling.FixedWindowRollingPolicy;
import ch.qos.logback.core.rolling.RollingFileAppender;
import ch.qos.logback.core.rolling.SizeBasedTriggeringPolicy;
import ch.qos.logback.core.util.Duration;
import ch.qos.logback.core.util.FileSize;

/**
 * Writes the log of a Windows service to a file, because a service has no standard output that
 * somebody keeps. At {@value #MEGABYTES} MB the file becomes {@code tls-uplift.1.log.gz}, and so on
 * up to {@value #MAX_FILES}.
 */
public final class ServiceLog {
  /** The system property that names the file. Without it, lines go to standard output. */
  static final String PROPERTY = "tlsuplift.log";

  static final int MEGABYTES = 20;
  static final int MAX_FILES = 9;

  private static final long MAX_SIZE = MEGABYTES * FileSize.MB_COEFFICIENT;
  private static final long CHECK_MILLIS = 1_000;

  private ServiceLog() {}

  /**
   * Replaces standard output in the log of this process. Call it before {@link DaemonLog#begin}.
   */
  public static void attach() {
    String file = System.getProperty(PROPERTY);
    if (file != null) {
      DaemonLog.appenders().forEach(each -> replaceConsole(each, file, MAX_SIZE, CHECK_MILLIS));
    }
  }

  static void replaceConsole(BoundedAppender log, String file, long maxSize, long checkMillis) {
    LineEncoder encoder = new LineEncoder();
    encoder.setContext(log.getContext());
    encoder.start();
    RollingFileAppender<ILoggingEvent> appender = new RollingFileAppender<>();
    appender.setContext(log.getContext());
    appender.setName("FILE");
    appender.setFile(file);
    appender.setEncoder(encoder);
    FixedWindowRollingPolicy names = new FixedWindowRollingPolicy();
    names.setContext(log.getContext());
    names.setParent(appender);
    names.setFileNamePattern(file.replaceFirst("(\\.log)?$", ".%i.log.gz"));
    names.setMinIndex(1);
    names.setMaxIndex(MAX_FILES);
    names.start();
    SizeBasedTriggeringPolicy<ILoggingEvent> size = new SizeBasedTriggeringPolicy<>();
    size.setContext(log.getContext());
    size.setMaxFileSize(new FileSize(maxSize));
    size.setCheckIncrement(Duration.buildByMilliseconds((double) checkMillis));
    size.start();
    appender.setRollingPolicy(names);
    appender.setTriggeringPolicy(size);
    appender.start();
    // If the file cannot be opened, lines continue to go to standard output.
    if (appender.isStarted()) {
      log.detachAppender("STDOUT");
      log.addAppender(appender);
    }
  }
}
