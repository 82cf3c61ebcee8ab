package org.tlsuplift.server.inventory.jdbc;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import org.junit.jupiter.api.Test;

/** A chore takes a share of the time, and no more. */
class PaceTest {
  private final Pace pace = new Pace(Duration.ofSeconds(10), Duration.ofMinutes(2));

  @Test
  void waitsNoShorterThanTheLeast() {
    assertThat(pace.after(Duration.ZERO)).isEqualTo(Duration.ofSeconds(10));
    assertThat(pace.after(Duration.ofMillis(20))).isEqualTo(Duration.ofSeconds(10));
  }

  @Test
  void waitsLongerTheLongerItTook() {
    assertThat(pace.after(Duration.ofMillis(50))).isEqualTo(Duration.ofSeconds(25));
    assertThat(pace.after(Duration.ofMillis(200))).isEqualTo(Duration.ofSeconds(100));
  }

  @Test
  void waitsNoLongerThanTheMost() {
    assertThat(pace.after(Duration.ofSeconds(5))).isEqualTo(Duration.ofMinutes(2));
  }

  @Test
  void oneSlowTimeAmongOthersIsNotWaitedFor() {
    Repeated times = new Repeated(pace);
    assertThat(times.done(Duration.ofMillis(200))).isEqualTo(Duration.ofSeconds(10));
    assertThat(times.done(Duration.ofMillis(50))).isEqualTo(Duration.ofSeconds(25));
    assertThat(times.done(Duration.ofSeconds(5))).isEqualTo(Duration.ofSeconds(25));
    assertThat(times.done(Duration.ofSeconds(5))).isEqualTo(Duration.ofMinutes(2));
  }

  @Test
  void comesBackSoonAfterTheDatabaseWasAway() {
    assertThat(new Repeated(pace).failed()).isEqualTo(Duration.ofSeconds(10));
  }
}
