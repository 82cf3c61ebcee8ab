package org.tlsuplift.server.log;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import ch.qos.logback.classic.Level;
import ch.qos.logback.classic.spi.ILoggingEvent;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import org.junit.jupiter.api.Test;

class LineQueueTest {
  @Test
  void closesWithoutWaitingForTheNextTick() {
    List<ILoggingEvent> written = new CopyOnWriteArrayList<>();
    LineQueue queue = new LineQueue(written::add, () -> {}, Duration.ofDays(1));
    queue.add(Events.of(Level.INFO, "the last line"));
    // Then the thread waits for another one.
    await().until(() -> !written.isEmpty());

    assertThat(queue.close(Duration.ofMinutes(1))).isTrue();
    assertThat(written).extracting(ILoggingEvent::getMessage).containsExactly("the last line");
  }

  @Test
  void writesTheNextLineAfterAnError() {
    List<ILoggingEvent> written = new CopyOnWriteArrayList<>();
    LineQueue queue =
        new LineQueue(
            line -> {
              if (written.add(line) && written.size() == 1) {
                throw new StackOverflowError();
              }
            },
            () -> {},
            Duration.ofDays(1));
    queue.add(Events.of(Level.INFO, "the first line"));
    queue.add(Events.of(Level.INFO, "the second line"));

    assertThat(queue.close(Duration.ofMinutes(1))).isTrue();
    assertThat(written).hasSize(2);
    assertThat(queue.dropped()).isEqualTo(1);
  }
}
