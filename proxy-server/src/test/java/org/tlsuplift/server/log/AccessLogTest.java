package org.tlsuplift.server.log;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import java.io.BufferedInputStream;
import java.io.FileInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.net.InetSocketAddress;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.time.Clock;
import java.time.Instant;
import java.time.ZoneId;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import java.util.zip.GZIPInputStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.condition.EnabledOnOs;
import org.junit.jupiter.api.condition.OS;
import org.junit.jupiter.api.io.TempDir;
import org.tlsuplift.proxy.model.SessionId;
import org.tlsuplift.proxy.model.SessionSummary;
import org.tlsuplift.server.audit.AuditRecord;
import org.tlsuplift.server.inventory.messages.MessageRecord;
import org.tlsuplift.server.inventory.record.Trail;

/** Lines reach the file, files are rotated, and no session waits for the disk. */
class AccessLogTest {
  private static final long MB = 1 << 20;

  @TempDir Path folder;

  @Test
  void writesEachSessionOnceAndInOrder() throws IOException {
    Path file = folder.resolve("access.log");
    AccessLog log = AccessLog.open(settings(file, 50 * MB, 1024 * MB));
    for (int id = 1; id <= 3000; id++) {
      end(log, Sessions.bridged(id));
    }
    log.close();
    List<String> lines = Files.readAllLines(file);
    assertThat(lines).hasSize(3000);
    assertThat(log.dropped()).isZero();
    for (int id = 1; id <= 3000; id++) {
      assertThat(lines.get(id - 1)).contains("\"session\":\"" + new SessionId(id) + "\"");
    }
  }

  @Test
  void writesAMessageBeforeItsSession() throws IOException {
    Path file = folder.resolve("access.log");
    AccessLog log = AccessLog.open(settings(file, 50 * MB, 1024 * MB));
    log.messageEnded(Trail.accepted("192.0.2.77", Instant.EPOCH, "@fabrikam.com"));
    end(log, Sessions.bridged(42));
    log.close();
    assertThat(Files.readAllLines(file))
        .satisfiesExactly(
            message -> assertThat(message).startsWith("{\"type\":\"message\","),
            session -> assertThat(session).endsWith(",\"type\":\"session\"}"));
    log.messageEnded(Trail.accepted("192.0.2.77", Instant.EPOCH, "@fabrikam.com"));
    assertThat(log.dropped()).isEqualTo(1);
  }

  @Test
  void writesALineSoonWithoutFurtherLines() throws IOException {
    Path file = folder.resolve("access.log");
    try (AccessLog log = AccessLog.open(settings(file, 50 * MB, 1024 * MB))) {
      end(log, Sessions.bridged(7));
      await().until(() -> Files.readAllLines(file).size() == 1);
    }
  }

  @Test
  void writesTheNextLineAfterAnError() {
    List<LogEntry> written = new CopyOnWriteArrayList<>();
    LineSink sink =
        new LineSink() {
          @Override
          public void write(LogEntry entry) {
            written.add(entry);
            if (written.size() == 1) {
              throw new OutOfMemoryError("simulated");
            }
          }

          @Override
          public String remedy() {
            return "free memory";
          }

          @Override
          public void close() {}
        };
    try (AccessLog log = new AccessLog(sink, Map.of())) {
      end(log, Sessions.bridged(1));
      await().until(() -> written.size() == 1);
      end(log, Sessions.bridged(2));
      await().until(() -> written.size() == 2);
      assertThat(log.dropped()).isEqualTo(1);
    }
  }

  @Test
  void isCreatedAgainAfterItIsMoved() throws IOException {
    Path file = folder.resolve("access.log");
    Path moved = folder.resolve("moved.log");
    try (AccessLog log = AccessLog.open(settings(file, 50 * MB, 1024 * MB))) {
      end(log, Sessions.bridged(1));
      await().until(() -> Files.readAllLines(file).size() == 1);
      Files.move(file, moved);
      end(log, Sessions.bridged(2));
      await().until(() -> Files.exists(file) && Files.readAllLines(file).size() == 1);
    }
    assertThat(Files.readAllLines(moved)).hasSize(1);
    assertThat(Files.readString(file)).contains(new SessionId(2).toString());
  }

  @Test
  void addsToTheFileOfTheRunBefore() throws IOException {
    Path file = folder.resolve("access.log");
    for (int run = 1; run <= 2; run++) {
      try (AccessLog log = AccessLog.open(settings(file, 50 * MB, 1024 * MB))) {
        end(log, Sessions.bridged(run));
      }
    }
    assertThat(Files.readAllLines(file)).hasSize(2);
  }

  @Test
  void rotatesAFileThatHasGrownAndLosesNothing() throws IOException {
    Path file = folder.resolve("access.log");
    int sessions = 2000;
    AccessLog log = AccessLog.open(settings(file, 20_000, 1024 * MB));
    try (log) {
      for (int id = 1; id <= sessions; id++) {
        end(log, Sessions.bridged(id));
      }
      // The size is looked at from time to time, not at each line.
      await()
          .atMost(90, TimeUnit.SECONDS)
          .until(
              () -> {
                end(log, Sessions.notAdmitted(1, ""));
                return !rotated().isEmpty();
              });
    }
    // What a slow disk had no time for is compressed at the next start.
    AccessLog.open(settings(file, 20_000, 1024 * MB)).close();
    assertThat(log.dropped()).isZero();
    List<String> missing =
        IntStream.rangeClosed(1, sessions)
            .mapToObj(id -> new SessionId(id).toString())
            .collect(Collectors.toCollection(ArrayList::new));
    List<String> unexpected =
        lines()
            .filter(line -> line.contains("\"bridge\""))
            .map(line -> line.replaceAll(".*\"session\":\"(\\w+)\".*", "$1"))
            .filter(id -> !missing.remove(id))
            .toList();
    assertThat(missing).isEmpty();
    assertThat(unexpected).isEmpty();
    try (Stream<Path> files = Files.list(folder)) {
      assertThat(files.toList())
          .allSatisfy(
              each ->
                  assertThat(PosixFilePermissions.toString(Files.getPosixFilePermissions(each)))
                      .as(each.toString())
                      .isEqualTo("rw-r-----"));
    }
  }

  /** Refuses messages. */
  private static final class Target implements LineSink {
    private final List<LogEntry> written = new ArrayList<>();
    private final boolean isBroken;

    Target(boolean isBroken) {
      this.isBroken = isBroken;
    }

    @Override
    public void write(LogEntry entry) throws IOException {
      if (entry instanceof LogEntry.Message) {
        throw new IOException("not this one");
      }
      written.add(entry);
    }

    @Override
    public void flush() throws IOException {
      if (isBroken) {
        throw new IOException("a broken pipe");
      }
    }

    @Override
    public String remedy() {
      return "none";
    }

    @Override
    public void close() {}
  }

  @Test
  void writesTheOtherLinesIfOneCannotBeWritten() {
    Target target = new Target(false);
    AccessLog log = new AccessLog(target, Map.of());
    end(log, Sessions.bridged(1));
    log.messageEnded(Trail.accepted("192.0.2.77", Instant.EPOCH, "@fabrikam.com"));
    end(log, Sessions.bridged(2));
    log.close();
    assertThat(target.written).hasSize(2);
    assertThat(log.dropped()).isEqualTo(1);
  }

  @Test
  void countsLinesThatMayBeLost() {
    AccessLog log = new AccessLog(new Target(true), Map.of());
    end(log, Sessions.bridged(1));
    end(log, Sessions.bridged(2));
    log.close();
    assertThat(log.dropped()).isEqualTo(2);
  }

  @Test
  void opensTheFileAgainThatCouldNotBeOpenedWhenItWasRotated() throws IOException {
    Path logs = Files.createDirectory(folder.resolve("logs"));
    Path away = folder.resolve("away");
    Path file = logs.resolve("access.log");
    AtomicInteger lines = new AtomicInteger();
    LineFormat format =
        new LineFormat() {
          @Override
          public byte[] line(SessionSummary session) {
            if (lines.incrementAndGet() == 3) {
              // The folder is a file now: the second line filled the log, and this one rotates it.
              try {
                Files.move(logs, away);
                Files.createFile(logs);
              } catch (IOException failed) {
                throw new IllegalStateException(failed);
              }
            }
            return ("line " + lines + "\n").getBytes(StandardCharsets.UTF_8);
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
    LogEntry entry = new LogEntry.Session(Sessions.bridged(1));
    try (DatedFile rotated =
        new DatedFile(settings(file, 14, MB), format, Clock.system(ZoneId.systemDefault()))) {
      for (int line = 1; line <= 3; line++) {
        rotated.write(entry);
      }
      rotated.flush();
      assertThat(rotated.lost()).isEqualTo(1);
      Files.delete(logs);
      Files.move(away, logs);
      rotated.prepare();
      rotated.write(entry);
    }
    assertThat(Files.readAllLines(file)).containsExactly("line 1", "line 2", "line 4");
  }

  @Test
  void deletesNothingTooEarlyAfterARotationAtTheStart() throws IOException {
    Path file = folder.resolve("access.log");
    int runs = 40;
    LineFormat format = new NumberedLines();
    LogEntry entry = new LogEntry.Session(Sessions.bridged(1));
    for (int run = 1; run <= runs; run++) {
      try (DatedFile rotated =
          new DatedFile(settings(file, 2, MB), format, Clock.system(ZoneId.systemDefault()))) {
        for (int line = 1; line <= 5; line++) {
          rotated.write(entry);
        }
      }
    }
    assertThat(lines())
        .containsExactlyInAnyOrderElementsOf(
            IntStream.rangeClosed(1, 5 * runs).mapToObj(Integer::toString).toList());
  }

  private static final class NumberedLines implements LineFormat {
    private int lines;

    @Override
    public byte[] line(SessionSummary session) {
      return (++lines + "\n").getBytes(StandardCharsets.UTF_8);
    }

    @Override
    public byte[] line(AuditRecord written) {
      throw new AssertionError(written);
    }

    @Override
    public byte[] line(MessageRecord message) {
      throw new IllegalArgumentException("there are no messages");
    }
  }

  @Test
  void compressesFilesOfAKilledRunAtItsStart() throws IOException {
    Path file = folder.resolve("access.log");
    Files.writeString(folder.resolve("access.2026-11-24.0.log.17.tmp"), "first\n");
    Files.writeString(folder.resolve("access.2026-11-24.0.log.17.tmp.part"), "incomplete");
    Files.writeString(folder.resolve("access.2026-11-24.0.log.18.tmp"), "second\n");
    Files.writeString(folder.resolve("other.2026-11-24.0.log.18.tmp"), "of another log\n");
    AccessLog.open(settings(file, MB, 1024 * MB)).close();
    assertThat(lines()).containsExactlyInAnyOrder("first", "second");
    try (Stream<Path> files = Files.list(folder)) {
      assertThat(files.map(each -> each.getFileName().toString()))
          .containsExactlyInAnyOrder(
              "access.log",
              "access.2026-11-24.0.log.gz",
              "access.2026-11-24.1.log.gz",
              "other.2026-11-24.0.log.18.tmp");
    }
  }

  @Test
  void closesToOthersTheFileOfAnEarlierRelease() throws IOException {
    Path file = Files.createFile(folder.resolve("access.log"));
    Files.setPosixFilePermissions(file, PosixFilePermissions.fromString("rw-rw-r--"));
    AccessLog.open(settings(file, MB, MB)).close();
    assertThat(PosixFilePermissions.toString(Files.getPosixFilePermissions(file)))
        .isEqualTo("rw-r-----");
  }

  @Test
  void namesTheFileThatCannotBeWritten() throws IOException {
    Path notADirectory = Files.createFile(folder.resolve("file"));
    Path file = notADirectory.resolve("access.log");
    assertThatThrownBy(() -> AccessLog.open(settings(file, MB, MB)))
        .isInstanceOf(IOException.class)
        .hasMessageContaining(file.toString());
  }

  @Test
  @EnabledOnOs(OS.LINUX)
  void countsDroppedLinesOfASlowDisk() throws Exception {
    Path slow = folder.resolve("slow.log");
    assertThat(new ProcessBuilder("mkfifo", slow.toString()).start().waitFor()).isZero();
    CompletableFuture<InputStream> reader =
        CompletableFuture.supplyAsync(
            () -> {
              try {
                // Unbuffered it would look for its size, which a pipe has not.
                return new BufferedInputStream(new FileInputStream(slow.toFile()));
              } catch (IOException failed) {
                throw new IllegalStateException(failed);
              }
            });
    AccessLog log = AccessLog.open(settings(slow, 50 * MB, 1024 * MB));
    try (InputStream disk = reader.get(60, TimeUnit.SECONDS)) {
      // A pipe holds 64 KiB, far less than one line for each of these.
      int sessions = 2 * AccessLog.QUEUE;
      for (int id = 1; id <= sessions; id++) {
        end(log, Sessions.bridged(id));
      }
      assertThat(log.dropped()).isPositive().isLessThan(sessions);
      CompletableFuture<Long> read =
          CompletableFuture.supplyAsync(
              () -> {
                try {
                  return new String(disk.readAllBytes(), StandardCharsets.UTF_8).lines().count();
                } catch (IOException failed) {
                  throw new IllegalStateException(failed);
                }
              });
      log.close();
      assertThat(read.get(60, TimeUnit.SECONDS) + log.dropped()).isEqualTo(sessions);
    }
  }

  private static void end(AccessLog log, SessionSummary session) {
    log.observer()
        .sessionOpened(session.id(), session.listener(), new InetSocketAddress("192.0.2.77", 1))
        .closed(session);
  }

  private static AccessLogSettings settings(Path file, long maxFileSize, long maxTotalSize) {
    return new AccessLogSettings(
        file, AccessLogFormat.JSON, maxFileSize, 30, maxTotalSize, Map.of("web", "http-connect"));
  }

  private List<Path> rotated() throws IOException {
    try (Stream<Path> files = Files.list(folder)) {
      return files.filter(file -> file.toString().endsWith(".log.gz")).toList();
    }
  }

  private Stream<String> lines() throws IOException {
    StringBuilder all = new StringBuilder(Files.readString(folder.resolve("access.log")));
    for (Path file : rotated()) {
      try (InputStream content = new GZIPInputStream(Files.newInputStream(file))) {
        all.append(new String(content.readAllBytes(), StandardCharsets.UTF_8));
      }
    }
    return all.toString().lines();
  }
}
