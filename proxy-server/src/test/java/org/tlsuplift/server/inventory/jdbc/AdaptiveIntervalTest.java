package org.tlsuplift.server.inventory.jdbc;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import org.junit.jupiter.api.Test;

/** A task takes a share of the time, and no more. */
class AdaptiveIntervalTest {
  private final AdaptiveInterval interval =
      new AdaptiveInterval(Duration.ofSeconds(10), Duration.ofMinutes(2));

  /** The wait when every run takes as long. */
  private Duration after(Duration took) {
    interval.afterSuccess(took);
    return interval.afterSuccess(took);
  }

  @Test
  void waitsNoShorterThanTheLeast() {
    assertThat(after(Duration.ZERO)).isEqualTo(Duration.ofSeconds(10));
    assertThat(after(Duration.ofMillis(20))).isEqualTo(Duration.ofSeconds(10));
  }

  @Test
  void waitsLongerTheLongerItTook() {
    assertThat(after(Duration.ofMillis(50))).isEqualTo(Duration.ofSeconds(25));
    assertThat(after(Duration.ofMillis(200))).isEqualTo(Duration.ofSeconds(100));
  }

  @Test
  void waitsNoLongerThanTheMost() {
    assertThat(after(Duration.ofSeconds(5))).isEqualTo(Duration.ofMinutes(2));
  }

  @Test
  void oneSlowRunAmongOthersDoesNotCount() {
    assertThat(interval.afterSuccess(Duration.ofMillis(200))).isEqualTo(Duration.ofSeconds(10));
    assertThat(interval.afterSuccess(Duration.ofMillis(50))).isEqualTo(Duration.ofSeconds(25));
    assertThat(interval.afterSuccess(Duration.ofSeconds(5))).isEqualTo(Duration.ofSeconds(25));
    assertThat(interval.afterSuccess(Duration.ofSeconds(5))).isEqualTo(Duration.ofMinutes(2));
  }

  @Test
  void runsAgainSoonAfterTheDatabaseWasUnreachable() {
    assertThat(after(Duration.ofMillis(200))).isEqualTo(Duration.ofSeconds(100));
    assertThat(interval.afterFailure()).isEqualTo(Duration.ofSeconds(10));
  }
}
