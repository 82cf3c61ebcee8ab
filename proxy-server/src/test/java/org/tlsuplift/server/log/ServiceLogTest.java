package org.tlsuplift.server.log;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import ch.qos.logback.classic.Logger;
import ch.qos.logback.classic.LoggerContext;
import ch.qos.logback.classic.util.LogbackMDCAdapter;
import ch.qos.logback.core.ConsoleAppender;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.Stream;
import java.util.zip.GZIPInputStream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class ServiceLogTest {
  @TempDir Path directory;
  private final LoggerContext context = new LoggerContext();
  private final Logger root = context.getLogger("ROOT");

  @AfterEach
  void stop() {
    context.stop();
  }

  private BoundedAppender log() {
    context.setMDCAdapter(new LogbackMDCAdapter());
    DefaultLogging.configure(context, null);
    return (BoundedAppender) root.getAppender("BOUNDED");
  }

  @Test
  void keepsTheLinesOfEarlierStarts() throws IOException {
    Path file = directory.resolve("log/tls-uplift.log");
    Files.createDirectories(file.getParent());
    Files.writeString(file, "earlier\n");

    ServiceLog.replaceConsole(log(), file.toString(), 1_000_000, 0);
    root.warn("later");

    assertThat(Files.readAllLines(file)).hasSize(2).first().isEqualTo("earlier");
    assertThat(Files.readString(file)).contains("later");
  }

  @Test
  void compressesAFullFileAndKeepsNine() throws IOException {
    Path file = directory.resolve("tls-uplift.log");
    ServiceLog.replaceConsole(log(), file.toString(), 1, 0);
    for (int i = 0; i < 30; i++) {
      root.warn("line {}", i);
    }
    context.stop();

    await().until(() -> files().stream().noneMatch(name -> name.endsWith(".tmp")));
    assertThat(files()).contains("tls-uplift.1.log.gz").hasSizeBetween(2, 1 + ServiceLog.MAX_FILES);
    try (GZIPInputStream newest =
        new GZIPInputStream(Files.newInputStream(directory.resolve("tls-uplift.1.log.gz")))) {
      assertThat(new String(newest.readAllBytes(), StandardCharsets.UTF_8)).contains("line ");
    }
  }

  @Test
  void leavesStandardOutputIfTheFileCannotBeOpened() throws IOException {
    Path occupied = Files.createDirectory(directory.resolve("tls-uplift.log"));
    BoundedAppender log = log();
    ServiceLog.replaceConsole(log, occupied.toString(), 1_000_000, 0);

    assertThat(log.getAppender("STDOUT")).isInstanceOf(ConsoleAppender.class);
  }

  private List<String> files() throws IOException {
    try (Stream<Path> all = Files.list(directory)) {
      return all.map(path -> path.getFileName().toString()).sorted().toList();
    }
  }
}
