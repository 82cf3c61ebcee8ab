package org.tlsuplift.server.cluster;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import java.util.concurrent.atomic.AtomicLong;
import org.junit.jupiter.api.Test;

class ShareRuleTest {
  private final AtomicLong now = new AtomicLong();
  private final ShareRule rule = new ShareRule(now::get);

  private void pass(Duration time) {
    now.addAndGet(time.toNanos());
  }

  private void bringTogether(int live) {
    rule.responded(live);
    pass(ShareRule.RETURN_TIME);
    rule.responded(live);
    assertThat(rule.isTogether()).isTrue();
  }

  @Test
  void shareIsOneBeforeTheFirstContactWithTheDatabase() {
    assertThat(rule.isUnreachable()).isTrue();
    assertThat(rule.share(30)).isOne();
    assertThat(rule.live()).isZero();
  }

  @Test
  void connectedInstancesNeedNoShare() {
    bringTogether(3);
    assertThat(rule.share(30)).isEqualTo(30);
    assertThat(rule.isSettled()).isFalse();
  }

  @Test
  void theShareIsTheLimitDividedByTheLiveInstancesAndAtLeastOne() {
    bringTogether(4);
    assertThat(rule.failed()).isTrue();
    assertThat(rule.share(30)).isEqualTo(7);
    assertThat(rule.share(3)).isOne();
    assertThat(rule.failed()).isFalse();
  }

  @Test
  void opensNoSessionUntilTheSettleTimeHasPassed() {
    bringTogether(3);
    rule.failed();
    assertThat(rule.isSettled()).isFalse();
    pass(ShareRule.SETTLE_TIME.minusNanos(1));
    assertThat(rule.isSettled()).isFalse();
    pass(Duration.ofNanos(1));
    assertThat(rule.isSettled()).isTrue();
  }

  @Test
  void firstInstanceToReachTheDatabaseReservesTheShareOfOthers() {
    bringTogether(3);
    rule.failed();
    assertThat(rule.responded(1)).isTrue();
    assertThat(rule.isUnreachable()).isFalse();
    assertThat(rule.live()).isOne();
    assertThat(rule.share(30)).isEqualTo(10);
    pass(ShareRule.RETURN_TIME);
    rule.responded(2);
    assertThat(rule.share(30)).isEqualTo(30);
    rule.failed();
    assertThat(rule.share(30)).isEqualTo(15);
  }

  @Test
  void reportsWhetherAnythingHasChanged() {
    bringTogether(3);
    assertThat(rule.responded(3)).isFalse();
    assertThat(rule.responded(2)).isTrue();
  }
}
