package org.tlsuplift.server.background;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import java.time.Instant;
import org.junit.jupiter.api.Test;
import org.tlsuplift.proxy.testing.SettableClock;

/** When a condition that lasts is news. */
class NoticeTest {
  private final SettableClock clock = new SettableClock(Instant.parse("2026-11-30T10:00:00Z"));

  @Test
  void reportsAConditionOnceUntilItEnds() {
    Notice notice = Notice.once();
    assertThat(notice.isOn()).isFalse();
    assertThat(notice.isNews("away")).isTrue();
    assertThat(notice.isNews("away")).isFalse();
    assertThat(notice.isOn()).isTrue();
    assertThat(notice.ended()).isTrue();
    assertThat(notice.isOn()).isFalse();
    assertThat(notice.isNews("away")).isTrue();
  }

  @Test
  void reportsAnotherConditionAtOnce() {
    Notice notice = Notice.daily(clock);
    assertThat(notice.isNews("away")).isTrue();
    assertThat(notice.isNews("refused")).isTrue();
    assertThat(notice.isNews("refused")).isFalse();
  }

  @Test
  void reportsADailyConditionAgainAfterADay() {
    Notice notice = Notice.daily(clock);
    assertThat(notice.isNews("away")).isTrue();
    clock.advance(Duration.ofDays(1).minusSeconds(1));
    assertThat(notice.isNews("away")).isFalse();
    clock.advance(Duration.ofSeconds(1));
    assertThat(notice.isNews("away")).isTrue();
    assertThat(notice.isNews("away")).isFalse();
  }

  @Test
  void reportsTheEndOnlyAfterACondition() {
    Notice notice = Notice.daily(clock);
    assertThat(notice.ended()).isFalse();
    assertThat(notice.isNews("away")).isTrue();
    assertThat(notice.ended()).isTrue();
    assertThat(notice.ended()).isFalse();
  }
}
