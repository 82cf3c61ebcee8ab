package org.tlsuplift.server.log;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import ch.qos.logback.classic.Level;
import ch.qos.logback.classic.spi.ILoggingEvent;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.CountDownLatch;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** The log lines of a daemon whose output blocks and continues. */
class DaemonLinesTest {
  private final List<ILoggingEvent> written = new CopyOnWriteArrayList<>();
  private final CountDownLatch readable = new CountDownLatch(1);

  @AfterEach
  void read() {
    readable.countDown();
  }

  @Test
  void losesNothingAndKeepsTheOrderWhenItEnds() {
    DaemonLines lines = new DaemonLines(20, written::add);
    for (int i = 0; i < 1000; i++) {
      lines.add(Events.of(Level.INFO, "line " + i));
    }
    assertThat(lines.close(Duration.ofSeconds(10))).isTrue();

    assertThat(written).hasSize(1000);
    assertThat(written.get(999).getMessage()).isEqualTo("line 999");
    assertThat(lines.dropped()).isZero();
  }

  @Test
  void dropsLinesOfABlockedOutputAndReportsTheirNumber() {
    DaemonLines lines = new DaemonLines(20, this::block);
    int all = 2 * LineQueue.LINES;
    for (int i = 0; i < all; i++) {
      lines.add(Events.of(Level.INFO, "line"));
    }
    long dropped = lines.dropped();
    assertThat(dropped).isBetween(LineQueue.LINES - 1L, (long) LineQueue.LINES);

    assertThat(lines.close(Duration.ofMillis(50))).isFalse();
    readable.countDown();

    await().until(() -> has("log lines were dropped", "lines", dropped));
    await().until(() -> written.size() == all - dropped + 1);
  }

  @Test
  void reportsSuppressedLinesAtItsEnd() throws Exception {
    DaemonLines lines = new DaemonLines(20, written::add);
    CompletableFuture.runAsync(
            () -> {
              for (int i = 0; i < 100; i++) {
                lines.add(Events.of(Level.WARN, "session ended", "device", "10.1.2.3"));
              }
            })
        .get();
    assertThat(lines.close(Duration.ofSeconds(10))).isTrue();

    assertThat(written).hasSize(21);
    assertThat(lines.leftOut()).isEqualTo(80);
    assertThat(has("more lines of this kind were left out", "lines", 80)).isTrue();
    assertThat(has("more lines of this kind were left out", "about", "10.1.2.3")).isTrue();
  }

  private boolean has(String message, String key, Object value) {
    return written.stream()
        .filter(line -> line.getMessage().equals(message))
        .flatMap(line -> line.getKeyValuePairs().stream())
        .anyMatch(pair -> pair.key.equals(key) && value.equals(pair.value));
  }

  private void block(ILoggingEvent line) {
    try {
      readable.await();
      written.add(line);
    } catch (InterruptedException interrupted) {
      Thread.currentThread().interrupt();
    }
  }
}
