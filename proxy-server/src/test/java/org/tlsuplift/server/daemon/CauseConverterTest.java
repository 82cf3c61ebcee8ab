package org.tlsuplift.server.daemon;

import static org.assertj.core.api.Assertions.assertThat;

import ch.qos.logback.classic.Level;
import ch.qos.logback.classic.LoggerContext;
import ch.qos.logback.classic.spi.LoggingEvent;
import java.io.IOException;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;

/** How causes are written into the log. */
class CauseConverterTest {
  private static String convert(Level level, @Nullable Throwable cause) {
    CauseConverter converter = new CauseConverter();
    converter.start();
    LoggerContext context = new LoggerContext();
    return converter.convert(
        new LoggingEvent("test", context.getLogger("test"), level, "message", cause, null));
  }

  @Test
  void keepsAWarningToOneLine() {
    assertThat(convert(Level.WARN, new IOException("broken pipe")))
        .isEqualTo(" cause=\"java.io.IOException: broken pipe\"");
  }

  @Test
  void showsWhereAnErrorArose() {
    assertThat(convert(Level.ERROR, new IOException("broken pipe")))
        .startsWith(System.lineSeparator() + "java.io.IOException: broken pipe")
        .contains("at " + CauseConverterTest.class.getName())
        .doesNotEndWith(System.lineSeparator());
  }

  @Test
  void addsNothingWhereThereIsNoCause() {
    assertThat(convert(Level.ERROR, null)).isEmpty();
  }
}
