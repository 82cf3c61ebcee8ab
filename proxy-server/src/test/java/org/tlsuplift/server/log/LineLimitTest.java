package org.tlsuplift.server.log;

import static org.assertj.core.api.Assertions.assertThat;

import ch.qos.logback.classic.Level;
import java.util.List;
import java.util.concurrent.atomic.AtomicLong;
import org.junit.jupiter.api.Test;

/** How many lines of one kind about one device are written in a minute. */
class LineLimitTest {
  private static final int MAX_LINES = 3;

  private final AtomicLong clock = new AtomicLong(Long.MAX_VALUE - 5);
  private final LineLimit limit = new LineLimit(MAX_LINES, clock::get);

  @Test
  void limitsLinesOfADeviceAndCauseAndCountsTheRest() {
    assertThat(admitted(10, "10.1.2.3", "no_route")).isEqualTo(MAX_LINES);
    assertThat(limit.leftOut()).isEqualTo(7);
    assertThat(limit.endMinutes()).isEmpty();

    clock.addAndGet(LineLimit.WINDOW.toNanos());

    assertThat(limit.endMinutes())
        .singleElement()
        .satisfies(
            leftOut -> {
              assertThat(leftOut.lines()).isEqualTo(7);
              assertThat(leftOut.cause().subject()).isEqualTo("10.1.2.3");
              assertThat(leftOut.cause().line()).isEqualTo("session ended");
              assertThat(leftOut.cause().reason()).isEqualTo("no_route");
            });
    assertThat(limit.endMinutes()).isEmpty();
    assertThat(admitted(10, "10.1.2.3", "no_route")).isEqualTo(MAX_LINES);
  }

  @Test
  void limitsEachDeviceAndCauseSeparately() {
    assertThat(admitted(10, "10.1.2.3", "no_route")).isEqualTo(MAX_LINES);
    assertThat(admitted(10, "10.1.2.4", "no_route")).isEqualTo(MAX_LINES);
    assertThat(admitted(10, "10.1.2.3", "not_tls")).isEqualTo(MAX_LINES);
  }

  @Test
  void countsAnIpv6NetworkAsOneDevice() {
    assertThat(admitted(2, "fd00:0:0:7::1", "no_route")).isEqualTo(2);
    assertThat(admitted(2, "fd00:0:0:7:ffff::2", "no_route")).isEqualTo(1);
    assertThat(admitted(2, "fd00:0:0:8::1", "no_route")).isEqualTo(2);
  }

  @Test
  void limitsLinesWithoutADeviceByTheirConstantMessage() {
    for (int i = 0; i < 10; i++) {
      boolean admitted = limit.admits(Events.of(Level.ERROR, "looking for {} failed"));
      assertThat(admitted).isEqualTo(i < MAX_LINES);
    }
    assertThat(limit.admits(Events.of(Level.ERROR, "something else failed"))).isTrue();
    assertThat(limit.admits(Events.of(Level.WARN, "looking failed", "listener", "a"))).isTrue();
  }

  /** Causes hold names that a device chooses. */
  @Test
  void groupsLinesOfOneEvent() {
    for (int i = 0; i < 10; i++) {
      var line = Events.of(Level.WARN, "session ended: {}; {}", "device", "10.1.2.3");
      line.setArgumentArray(new Object[] {"cause " + i, "remedy"});
      assertThat(limit.admits(line)).isEqualTo(i < MAX_LINES);
    }
    clock.addAndGet(LineLimit.WINDOW.toNanos());
    assertThat(limit.endMinutes())
        .singleElement()
        .satisfies(leftOut -> assertThat(leftOut.cause().line()).isEqualTo("session ended"));
  }

  @Test
  void doesNotLimitDebugLines() {
    for (int i = 0; i < 10; i++) {
      assertThat(limit.admits(Events.of(Level.DEBUG, "step"))).isTrue();
    }
    assertThat(limit.leftOut()).isZero();
  }

  @Test
  void hasOneBudgetForAllDevicesThatItHasNoRoomFor() {
    for (int i = 0; i < LineLimit.CAUSES; i++) {
      assertThat(limit.admits(ended("10.1." + i / 256 + "." + i % 256, "no_route"))).isTrue();
    }
    int admitted = 0;
    for (int i = 0; i < 1000; i++) {
      admitted += limit.admits(ended("10.2." + i / 256 + "." + i % 256, "no_route")) ? 1 : 0;
    }
    assertThat(admitted).isEqualTo(MAX_LINES);
    assertThat(admitted(2, "10.1.0.0", "no_route")).as("one that is known").isEqualTo(2);
    List<LineLimit.LeftOut> ended = limit.endAll();
    assertThat(ended).singleElement().satisfies(one -> assertThat(one.lines()).isEqualTo(997));
    assertThat(ended.get(0).cause().subject()).isEqualTo("others");
  }

  @Test
  void boundsTheNumberOfDistinctLines() {
    int admitted = 0;
    for (int i = 0; i < 20_000; i++) {
      admitted += limit.admits(Events.of(Level.WARN, "library says " + i)) ? 1 : 0;
    }
    assertThat(admitted).isEqualTo(2 * LineLimit.CAUSES + MAX_LINES);
  }

  private int admitted(int lines, String device, String reason) {
    int admitted = 0;
    for (int i = 0; i < lines; i++) {
      admitted += limit.admits(ended(device, reason)) ? 1 : 0;
    }
    return admitted;
  }

  private static ch.qos.logback.classic.spi.ILoggingEvent ended(String device, String reason) {
    return Events.of(
        Level.WARN, "session ended", "session", "1", "device", device, "reason", reason);
  }
}
