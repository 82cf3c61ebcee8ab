package org.tlsuplift.server.daemon;

import ch.qos.logback.classic.Level;
import ch.qos.logback.classic.pattern.ThrowableProxyConverter;
import ch.qos.logback.classic.spi.ILoggingEvent;
import ch.qos.logback.classic.spi.IThrowableProxy;

/**
 * Writes the cause of a warning into its line; only errors and debug lines carry a stack trace.
 *
 * <p>A warning tells what is expected to happen now and then, and some come from libraries that log
 * each with its stack.
 */
public final class CauseConverter extends ThrowableProxyConverter {
  @Override
  protected String throwableProxyToString(IThrowableProxy cause) {
    return System.lineSeparator() + super.throwableProxyToString(cause).stripTrailing();
  }

  @Override
  public String convert(ILoggingEvent event) {
    IThrowableProxy cause = event.getThrowableProxy();
    boolean brief = event.getLevel() == Level.WARN || event.getLevel() == Level.INFO;
    return cause != null && brief
        ? " cause=\"" + cause.getClassName() + ": " + cause.getMessage() + "\""
        : super.convert(event);
  }
}
