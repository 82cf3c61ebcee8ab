package org.tlsuplift.server.daemon.watch;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import ch.qos.logback.classic.Level;
import ch.qos.logback.classic.Logger;
import ch.qos.logback.classic.spi.ILoggingEvent;
import ch.qos.logback.core.read.ListAppender;
import io.netty.util.concurrent.DefaultEventExecutorGroup;
import io.netty.util.concurrent.EventExecutor;
import io.netty.util.concurrent.EventExecutorGroup;
import java.time.Duration;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicLong;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.slf4j.LoggerFactory;

/** A loop that does not answer is reported once, with its stack, and so is its recovery. */
class EventLoopWatchTest {
  private final EventExecutorGroup loops = new DefaultEventExecutorGroup(2);
  private final AtomicLong now = new AtomicLong(1);
  private final AtomicInteger blocked = new AtomicInteger(-1);
  private final EventLoopWatch watch = new EventLoopWatch(loops, blocked::set, now::get);
  private final ListAppender<ILoggingEvent> lines = new ListAppender<>();
  private final CountDownLatch blocking = new CountDownLatch(1);
  private final CountDownLatch release = new CountDownLatch(1);

  @BeforeEach
  void listen() {
    lines.start();
    logger().addAppender(lines);
  }

  @AfterEach
  void end() {
    release.countDown();
    logger().detachAppender(lines);
    watch.close();
    loops.shutdownGracefully(0, 1, TimeUnit.SECONDS).syncUninterruptibly();
  }

  private static Logger logger() {
    return (Logger) LoggerFactory.getLogger(EventLoopWatch.class);
  }

  private void lookAfter(long seconds) {
    now.addAndGet(Duration.ofSeconds(seconds).toNanos());
    watch.look();
  }

  private void settle(EventExecutor... running) throws InterruptedException {
    for (EventExecutor loop : running) {
      loop.submit(() -> {}).sync();
    }
  }

  private void standStill() {
    blocking.countDown();
    try {
      release.await();
    } catch (InterruptedException ended) {
      Thread.currentThread().interrupt();
    }
  }

  private void blockAfterAnAnswer(EventExecutor loop, EventExecutor other)
      throws InterruptedException {
    lookAfter(1);
    settle(loop, other);
    loop.execute(this::standStill);
    blocking.await();
    lookAfter(1);
    settle(other);
  }

  @Test
  void logsNothingWhileLoopsRespond() throws Exception {
    EventExecutor one = loops.next();
    EventExecutor two = loops.next();
    for (int second = 0; second < 20; second++) {
      lookAfter(1);
      settle(one, two);
    }
    assertThat(blocked).hasValue(0);
    assertThat(lines.list).isEmpty();
  }

  @Test
  void reportsABlockedLoopOnceWithItsStackAndItsEnd() throws Exception {
    EventExecutor good = loops.next();
    EventExecutor bad = loops.next();
    blockAfterAnAnswer(bad, good);
    lookAfter(4);
    settle(good);
    assertThat(blocked).hasValue(0);
    for (int second = 0; second < 10; second++) {
      lookAfter(1);
      settle(good);
      assertThat(blocked).hasValue(1);
    }
    assertThat(lines.list).hasSize(1);
    ILoggingEvent line = lines.list.get(0);
    assertThat(line.getLevel()).isEqualTo(Level.ERROR);
    assertThat(line.getFormattedMessage())
        .contains("has been blocked for 5 s")
        .hasSizeLessThan(300);
    assertThat(line.getThrowableProxy().getStackTraceElementProxyArray())
        .anyMatch(frame -> frame.getSTEAsString().contains("standStill"));

    release.countDown();
    settle(bad);
    lookAfter(1);
    assertThat(blocked).hasValue(0);
    assertThat(lines.list).hasSize(2);
    assertThat(lines.list.get(1).getFormattedMessage()).contains("works again after 15 s");
  }

  @Test
  void looksAgainAfterAnError() {
    AtomicInteger looks = new AtomicInteger();
    try (EventLoopWatch failing =
        new EventLoopWatch(
            loops,
            count -> {
              if (looks.incrementAndGet() == 1) {
                throw new OutOfMemoryError("simulated");
              }
            },
            System::nanoTime)) {
      failing.start();
      await().untilAsserted(() -> assertThat(looks).hasValueGreaterThan(1));
    }
    assertThat(lines.list)
        .singleElement()
        .extracting(ILoggingEvent::getFormattedMessage)
        .isEqualTo("a check of the event loops failed; please report it");
  }

  @Test
  void reportsALoopThatHasEnded() throws Exception {
    EventExecutor good = loops.next();
    EventExecutor ended = loops.next();
    lookAfter(1);
    settle(good, ended);
    ended.shutdownGracefully(0, 1, TimeUnit.SECONDS).sync();
    // Netty forgets the thread of an ended loop a little later.
    await().until(() -> isWithoutThread(ended));
    for (int second = 0; second < 10; second++) {
      lookAfter(1);
      settle(good);
      assertThat(blocked).hasValue(1);
    }
    assertThat(lines.list)
        .singleElement()
        .satisfies(line -> assertThat(line.getLevel()).isEqualTo(Level.ERROR))
        .extracting(ILoggingEvent::getFormattedMessage)
        .asString()
        .startsWith("restart the daemon: event loop defaultEventExecutorGroup-")
        .endsWith(" has ended, so its sessions do not proceed; report the lines before this one");
  }

  private static boolean isWithoutThread(EventExecutor loop) {
    return Thread.getAllStackTraces().keySet().stream().noneMatch(loop::inEventLoop);
  }

  @Test
  void reportsALoopThatEndedBeforeItAnswered() throws Exception {
    EventExecutor good = loops.next();
    EventExecutor ended = loops.next();
    blockAfterAnAnswer(ended, good);
    var unused = ended.shutdownGracefully(0, 1, TimeUnit.SECONDS);
    lookAfter(10);
    assertThat(blocked).hasValue(1);
    assertThat(lines.list)
        .singleElement()
        .extracting(ILoggingEvent::getFormattedMessage)
        .asString()
        .startsWith("restart the daemon: ");
  }
}
