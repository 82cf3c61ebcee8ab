package org.tlsuplift.server;

import static org.assertj.core.api.Assertions.assertThat;

import ch.qos.logback.classic.Logger;
import ch.qos.logback.classic.spi.ILoggingEvent;
import ch.qos.logback.core.read.ListAppender;
import java.nio.charset.StandardCharsets;
import org.junit.jupiter.api.Test;
import org.slf4j.LoggerFactory;
import org.tlsuplift.server.log.LineEncoder;

/** What becomes of errors that nobody expects. */
class MainTest {
  @Test
  void logsAnUncaughtExceptionWithoutControlCharacters() {
    ListAppender<ILoggingEvent> lines = new ListAppender<>();
    lines.start();
    Logger logger = (Logger) LoggerFactory.getLogger(Main.class);
    logger.addAppender(lines);
    logger.setAdditive(false);
    try {
      Main.uncaught(Thread.currentThread(), new IllegalStateException("a\u001b[31mb"));
    } finally {
      logger.setAdditive(true);
      logger.detachAppender(lines);
    }
    assertThat(lines.list).hasSize(1);
    assertThat(new String(new LineEncoder().encode(lines.list.get(0)), StandardCharsets.UTF_8))
        .contains("thread=\"" + Thread.currentThread().getName() + "\"")
        .contains("java.lang.IllegalStateException: a\\x1b[31mb")
        .doesNotContain("\u001b");
  }
}
