package org.tlsuplift.server.background;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import ch.qos.logback.classic.Logger;
import ch.qos.logback.classic.spi.ILoggingEvent;
import ch.qos.logback.core.read.ListAppender;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.Future;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.AutoClose;
import org.junit.jupiter.api.Test;
import org.slf4j.LoggerFactory;

/** Regular tasks: when they run, and what a failed or blocked one does to the others. */
class ScheduleTest {
  private static final Duration OFTEN = Duration.ofMillis(1);
  private static final Duration NEVER = Duration.ofDays(1);

  @AutoClose private final Schedule schedule = new Schedule();
  private final AtomicInteger runs = new AtomicInteger();
  private final CountDownLatch released = new CountDownLatch(1);

  @AfterEach
  void release() {
    released.countDown();
  }

  private void block() {
    runs.incrementAndGet();
    try {
      released.await();
    } catch (InterruptedException interrupted) {
      Thread.currentThread().interrupt();
    }
  }

  private void awaitRuns(int count) {
    await().until(() -> runs.get() >= count);
  }

  @Test
  void runsATaskNowAndAgain() {
    schedule.every(OFTEN, "counting", runs::incrementAndGet);
    awaitRuns(3);
  }

  @Test
  void waitsForTheFirstRun() {
    schedule.every(NEVER, OFTEN, "counting", runs::incrementAndGet);
    AtomicBoolean other = new AtomicBoolean();
    schedule.every(NEVER, "another task", () -> other.set(true));
    await().untilTrue(other);
    assertThat(runs).hasValue(0);
  }

  @Test
  void logsAndCountsAFailedRunAndRunsAgain() {
    Logger log = (Logger) LoggerFactory.getLogger(Schedule.class);
    ListAppender<ILoggingEvent> lines = new ListAppender<>();
    lines.start();
    log.addAppender(lines);
    try {
      schedule.every(
          OFTEN,
          "the check",
          () -> {
            if (runs.incrementAndGet() == 1) {
              throw new IllegalStateException("a fault of the test");
            } else if (runs.get() == 2) {
              throw new NoClassDefFoundError("a class of the test");
            } else if (runs.get() == 3) {
              throw new OutOfMemoryError("memory of the test");
            }
          });
      awaitRuns(4);
    } finally {
      log.detachAppender(lines);
    }
    assertThat(lines.list)
        .extracting(ILoggingEvent::getFormattedMessage)
        .containsExactly("the check failed", "the check failed", "the check failed");
    assertThat(schedule.failures()).isEqualTo(3);
  }

  @Test
  void blockedTaskDelaysNoOther() {
    schedule.every(NEVER, "a blocked task", this::block);
    awaitRuns(1);
    AtomicInteger other = new AtomicInteger();
    schedule.every(OFTEN, "another task", other::incrementAndGet);
    await().until(() -> other.get() >= 3);
    assertThat(runs).as("a task never runs twice at the same time").hasValue(1);
  }

  @Test
  void threadHasTheNameOfItsTask() {
    List<String> names = new CopyOnWriteArrayList<>();
    schedule.every(NEVER, "the check", () -> names.add(Thread.currentThread().getName()));
    await().until(() -> !names.isEmpty());
    assertThat(names).containsExactly("uplift the check");
  }

  @Test
  void closedPartEndsItsOwnTasksOnly() {
    Schedule part = schedule.part();
    AtomicBoolean interrupted = new AtomicBoolean();
    part.every(
        OFTEN,
        "a task of the part",
        () -> {
          block();
          interrupted.set(Thread.interrupted());
        });
    awaitRuns(1);
    part.close();
    await().untilTrue(interrupted);
    AtomicInteger other = new AtomicInteger();
    schedule.every(OFTEN, "another task", other::incrementAndGet);
    await().until(() -> other.get() >= 3);
    assertThat(runs).hasValue(1);
  }

  @Test
  void endOfATaskWaitsForItsRun() {
    Schedule.Task task = schedule.every(OFTEN, "a blocked task", this::block);
    awaitRuns(1);
    assertThat(task.end(Duration.ofMillis(1))).isFalse();
    released.countDown();
    assertThat(task.end(Duration.ofSeconds(60))).isTrue();
    assertThat(runs).as("not interrupted, and no other run").hasValue(1);
  }

  @Test
  void closedTaskDoesNotRun() {
    Schedule.Task task = schedule.every(NEVER, OFTEN, "counting", runs::incrementAndGet);
    task.close();
    assertThat(task.end(Duration.ZERO)).isTrue();
    assertThat(runs).hasValue(0);
  }

  @Test
  void runsStepsOnceOnAnotherExecutor() {
    assertThat(schedule.after(Duration.ZERO, Runnable::run, runs::incrementAndGet).isDone())
        .isTrue();
    assertThat(runs).hasValue(1);
    assertThat(schedule.after(OFTEN, Runnable::run, runs::incrementAndGet)).isNotNull();
    awaitRuns(2);
    Future<?> later = schedule.after(NEVER, Runnable::run, runs::incrementAndGet);
    later.cancel(false);
    assertThat(later.isCancelled()).isTrue();
  }

  @Test
  void closedScheduleRunsNothing() {
    schedule.close();
    schedule.every(OFTEN, "counting", runs::incrementAndGet);
    assertThat(schedule.after(OFTEN, Runnable::run, runs::incrementAndGet).isDone()).isTrue();
    assertThat(runs).hasValue(0);
  }
}
