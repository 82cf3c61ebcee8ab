package org.tlsuplift.server.log;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.FileTime;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import java.util.zip.GZIPInputStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.tlsuplift.proxy.model.SessionSummary;
import org.tlsuplift.proxy.testing.SettableClock;
import org.tlsuplift.server.audit.AuditRecord;
import org.tlsuplift.server.inventory.messages.MessageRecord;

/** When a log file is rotated, and which rotated files stay. The day of the clock ends in UTC. */
class DatedFileTest {
  private static final LogEntry ENTRY = new LogEntry.Session(Sessions.bridged(1));

  @TempDir Path folder;
  private final SettableClock clock = new SettableClock(Instant.parse("2026-11-24T12:00:00Z"));
  private long maxFileSize = 1 << 20;
  private long maxTotalSize = 1 << 20;
  private int lines;

  private final LineFormat numbered =
      new LineFormat() {
        @Override
        public byte[] line(SessionSummary session) {
          return "line %d\n".formatted(++lines).getBytes(StandardCharsets.UTF_8);
        }

        @Override
        public byte[] line(AuditRecord written) {
          throw new AssertionError(written);
        }

        @Override
        public byte[] line(MessageRecord message) {
          throw new IllegalArgumentException("there are no messages");
        }
      };

  private DatedFile open() throws IOException {
    return new DatedFile(
        new AccessLogSettings(
            folder.resolve("access.log"),
            AccessLogFormat.JSON,
            maxFileSize,
            30,
            maxTotalSize,
            Map.of()),
        numbered,
        clock);
  }

  private String content(String name) throws IOException {
    Path file = folder.resolve(name);
    if (!name.endsWith(".gz")) {
      return Files.readString(file);
    }
    try (InputStream content = new GZIPInputStream(Files.newInputStream(file))) {
      return new String(content.readAllBytes(), StandardCharsets.UTF_8);
    }
  }

  private List<String> names() throws IOException {
    try (Stream<Path> files = Files.list(folder)) {
      return files.map(each -> each.getFileName().toString()).sorted().toList();
    }
  }

  /** Compresses what a slow disk had no time for. */
  private void openAgain() throws IOException {
    open().close();
  }

  @Test
  void rotatesAtTheFirstLineOfADay() throws IOException {
    try (DatedFile file = open()) {
      file.write(ENTRY);
      clock.advance(Duration.ofHours(12).minusMillis(1));
      file.write(ENTRY);
      clock.advance(Duration.ofMillis(1));
      file.write(ENTRY);
    }
    openAgain();
    assertThat(names()).containsExactly("access.2026-11-24.0.log.gz", "access.log");
    assertThat(content("access.2026-11-24.0.log.gz")).isEqualTo("line 1\nline 2\n");
    assertThat(content("access.log")).isEqualTo("line 3\n");
  }

  @Test
  void rotatesTheFileOfARunOnAnEarlierDay() throws IOException {
    Path file = Files.writeString(folder.resolve("access.log"), "before\n");
    Files.setLastModifiedTime(file, FileTime.from(Instant.parse("2026-11-22T23:59:59Z")));
    try (DatedFile opened = open()) {
      opened.write(ENTRY);
    }
    openAgain();
    assertThat(content("access.2026-11-22.0.log.gz")).isEqualTo("before\n");
    assertThat(content("access.log")).isEqualTo("line 1\n");
  }

  @Test
  void doesNotRotateAnEmptyFile() throws IOException {
    try (DatedFile file = open()) {
      clock.advance(Duration.ofDays(3));
      file.write(ENTRY);
    }
    assertThat(names()).containsExactly("access.log");
  }

  @Test
  void numbersTheFilesOfADayInTheirOrder() throws IOException {
    maxFileSize = 1;
    Files.writeString(folder.resolve("access.2026-11-24.9.log.gz"), "");
    Files.writeString(folder.resolve("access.2026-11-23.77.log.gz"), "");
    try (DatedFile file = open()) {
      for (int i = 0; i < 3; i++) {
        file.write(ENTRY);
      }
    }
    openAgain();
    assertThat(content("access.2026-11-24.10.log.gz")).isEqualTo("line 1\n");
    assertThat(content("access.2026-11-24.11.log.gz")).isEqualTo("line 2\n");
    assertThat(content("access.log")).isEqualTo("line 3\n");
  }

  @Test
  void deletesFilesThatAreTooOld() throws IOException {
    List<String> others =
        List.of("access.2020-99-01.0.log.gz", "access.2020-01-01.log.gz", "b.2020-01-01.0.log.gz");
    for (String name : others) {
      Files.createFile(folder.resolve(name));
    }
    Files.createFile(folder.resolve("access.2026-10-24.0.log.gz"));
    Files.createFile(folder.resolve("access.2026-10-25.0.log.gz"));
    openAgain();
    assertThat(names())
        .contains("access.2026-10-25.0.log.gz")
        .containsAll(others)
        .doesNotContain("access.2026-10-24.0.log.gz");
  }

  @Test
  void deletesTheOldestFilesBeyondTheTotalSize() throws IOException {
    maxTotalSize = 25;
    for (String name : List.of("23.2", "23.10", "24.0", "22.5")) {
      Files.writeString(folder.resolve("access.2026-11-" + name + ".log.gz"), "0123456789");
    }
    openAgain();
    assertThat(names())
        .containsExactly("access.2026-11-23.10.log.gz", "access.2026-11-24.0.log.gz", "access.log");
  }
}
