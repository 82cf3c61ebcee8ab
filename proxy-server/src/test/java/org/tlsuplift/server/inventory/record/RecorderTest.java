package org.tlsuplift.server.inventory.record;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import java.sql.SQLException;
import java.time.Clock;
import java.time.Duration;
import java.util.List;
import java.util.Set;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.LongAdder;
import org.junit.jupiter.api.AutoClose;
import org.junit.jupiter.api.Test;
import org.tlsuplift.server.background.Schedule;

/** What is seen is written, at once or later; what finds no room is counted. */
class RecorderTest {
  private static final Duration OFTEN = Duration.ofMillis(20);

  @AutoClose private final Schedule schedule = new Schedule();
  private final LongAdder dropped = new LongAdder();
  private final SightingQueue queue = new SightingQueue(dropped);
  private final List<Batch> written = new CopyOnWriteArrayList<>();
  private final AtomicBoolean away = new AtomicBoolean();

  private int write(Batch batch) throws SQLException {
    if (away.get()) {
      throw new SQLException("away");
    }
    written.add(batch);
    return 0;
  }

  private Recorder recorder(Recorder.Writer writer, Duration interval) {
    return new Recorder(
        queue,
        dropped,
        new WatchRows(Set.of(), dropped, Clock.systemUTC()),
        writer,
        interval,
        "the database");
  }

  private long sessions() {
    return written.stream()
        .flatMap(batch -> batch.delta().devices().stream())
        .mapToLong(device -> device.device().number("sessions"))
        .sum();
  }

  private void see(int last) {
    queue.offer(Sightings.session("10.0.0." + last, Sightings.NOW, Sightings.TLS_1_0));
  }

  @Test
  void writesSightingsAtTheNextInterval() {
    try (Recorder recorder = recorder(this::write, OFTEN)) {
      recorder.start(schedule);
      see(1);
      see(1);
      await().untilAsserted(() -> assertThat(sessions()).isEqualTo(2));
      see(2);
      await().untilAsserted(() -> assertThat(sessions()).isEqualTo(3));
    }
    assertThat(written).extracting(Batch::number).doesNotHaveDuplicates();
    assertThat(dropped.sum()).isZero();
  }

  @Test
  void writesRemainingSightingsAtTheEnd() {
    Recorder recorder = recorder(this::write, Duration.ofHours(1));
    recorder.start(schedule);
    await().untilAsserted(() -> assertThat(written).hasSize(1));
    see(1);
    recorder.close();
    assertThat(sessions()).isEqualTo(1);
  }

  @Test
  void repeatsTheSameBatchAfterADatabaseOutage() {
    List<Long> tried = new CopyOnWriteArrayList<>();
    away.set(true);
    try (Recorder recorder =
        recorder(
            batch -> {
              tried.add(batch.number());
              return write(batch);
            },
            OFTEN)) {
      recorder.start(schedule);
      await().untilAsserted(() -> assertThat(tried).hasSizeGreaterThan(1));
      see(1);
      see(2);
      await().untilAsserted(() -> assertThat(tried).hasSizeGreaterThan(3));
      assertThat(tried).containsOnly(1L);
      away.set(false);
      await().untilAsserted(() -> assertThat(sessions()).isEqualTo(2));
    }
    assertThat(written).extracting(Batch::number).containsExactly(1L, 2L);
  }

  @Test
  void anUnexpectedErrorOfTheWriterEndsItsAttemptOnly() {
    AtomicBoolean broken = new AtomicBoolean(true);
    try (Recorder recorder =
        recorder(
            batch -> {
              if (broken.getAndSet(false)) {
                throw new NoClassDefFoundError("a class of a test");
              }
              return write(batch);
            },
            OFTEN)) {
      recorder.start(schedule);
      see(1);
      await().untilAsserted(() -> assertThat(sessions()).isEqualTo(1));
    }
  }

  @Test
  void aWriterThatHangsDoesNotKeepTheQueueFromBeingEmptied() throws InterruptedException {
    CountDownLatch hanging = new CountDownLatch(1);
    try (Recorder recorder =
        recorder(
            batch -> {
              try {
                hanging.await();
              } catch (InterruptedException interrupted) {
                throw new SQLException(interrupted);
              }
              return write(batch);
            },
            OFTEN)) {
      recorder.start(schedule);
      for (int round = 0; round < 10; round++) {
        for (int i = 0; i < 10_000; i++) {
          see(i % 250);
        }
        await().until(() -> queue.size() == 0);
      }
      assertThat(dropped.sum()).isZero();
      hanging.countDown();
      await().untilAsserted(() -> assertThat(sessions()).isEqualTo(100_000));
    }
  }

  @Test
  void aFullQueueDropsAndCounts() {
    for (int i = 0; i < SightingQueue.CAPACITY + 3; i++) {
      see(1);
    }
    assertThat(dropped.sum()).isEqualTo(3);
  }

  @Test
  void devicesTooManyForTheMemoryAreCounted() {
    away.set(true);
    List<Long> tried = new CopyOnWriteArrayList<>();
    try (Recorder recorder =
        recorder(
            batch -> {
              tried.add(batch.number());
              return write(batch);
            },
            Duration.ofHours(1))) {
      recorder.start(schedule);
      await().until(() -> !tried.isEmpty());
      for (int i = 0; i < Recorder.MAX_WAITING_DEVICES + 5; i++) {
        queue.offer(
            Sightings.session("10.3." + i / 250 + "." + i % 250, Sightings.NOW, Sightings.TLS_1_0));
        if (i % 10_000 == 0) {
          await().until(() -> queue.size() == 0);
        }
      }
      await().untilAsserted(() -> assertThat(dropped.sum()).isEqualTo(5));
    }
  }

  @Test
  void devicesThatAreLeftOutAreCounted() {
    try (Recorder recorder = recorder(batch -> batch.delta().isEmpty() ? 0 : 7, OFTEN)) {
      recorder.start(schedule);
      see(1);
      await().untilAsserted(() -> assertThat(dropped.sum()).isEqualTo(7));
    }
  }
}
