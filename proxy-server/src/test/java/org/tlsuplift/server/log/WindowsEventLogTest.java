package org.tlsuplift.server.log;

import static org.assertj.core.api.Assertions.assertThat;

import ch.qos.logback.classic.Level;
import ch.qos.logback.classic.Logger;
import ch.qos.logback.classic.LoggerContext;
import ch.qos.logback.classic.spi.LoggingEvent;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.time.Duration;
import java.util.List;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.condition.DisabledOnOs;
import org.junit.jupiter.api.condition.OS;
import org.junit.jupiter.api.io.TempDir;
import org.slf4j.event.KeyValuePair;

/** With a script in the place of eventcreate, which writes its arguments to a file. */
@DisabledOnOs(OS.WINDOWS)
class WindowsEventLogTest {
  @TempDir Path directory;
  private final Logger logger = new LoggerContext().getLogger("test");
  private WindowsEventLog events;
  private long now;

  @BeforeEach
  void start() throws IOException {
    Path script = directory.resolve("eventcreate");
    Files.writeString(
        script,
        "#!/bin/sh\nfor each in \"$@\"; do printf '<%s>' \"$each\"; done >>\"$0.out\"\necho >>\"$0.out\"\n");
    Files.setPosixFilePermissions(script, PosixFilePermissions.fromString("rwx------"));
    events = new WindowsEventLog(List.of(script.toString()), () -> now);
    events.start();
  }

  @Test
  void getsWarningsAndErrorsWithTheirValues() throws IOException {
    log(Level.INFO, "unread");
    log(Level.WARN, "a \"certificate\" expires", new KeyValuePair("days", 7));
    log(Level.ERROR, "stopped");

    assertThat(written())
        .containsExactly(
            "</L><APPLICATION></T><WARNING></SO><TLS Uplift></ID><1></D><a 'certificate' expires"
                + " days=7>",
            "</L><APPLICATION></T><ERROR></SO><TLS Uplift></ID><1></D><stopped>");
  }

  @Test
  void getsSomeOfManyAndTheNumberOfTheOthers() throws IOException {
    for (int i = 0; i < WindowsEventLog.PER_MINUTE + 3; i++) {
      log(Level.WARN, "again");
    }
    assertThat(written()).hasSize(WindowsEventLog.PER_MINUTE);

    now += Duration.ofMinutes(1).toNanos();
    log(Level.WARN, "later");
    assertThat(written()).last().asString().contains("<later (3 earlier lines are in the log file");
  }

  @Test
  void getsLongLinesShortened() throws IOException {
    log(Level.WARN, "x".repeat(5_000));
    assertThat(written().get(0)).hasSizeLessThan(WindowsEventLog.MAX_LENGTH + 100);
  }

  @Test
  void ignoresAMissingProgram() {
    events = new WindowsEventLog(List.of(directory.resolve("missing").toString()), () -> now);
    events.setContext(new LoggerContext());
    events.start();
    log(Level.WARN, "lost");
    assertThat(events.getContext().getStatusManager().getCount()).isEqualTo(1);
  }

  private void log(Level level, String message, KeyValuePair... values) {
    LoggingEvent event = new LoggingEvent("test", logger, level, message, null, null);
    for (KeyValuePair each : values) {
      event.addKeyValuePair(each);
    }
    events.doAppend(event);
  }

  private List<String> written() throws IOException {
    return Files.readAllLines(directory.resolve("eventcreate.out"));
  }
}
