package org.tlsuplift.server.background;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;

/** Waits between failures. */
class BackoffTest {
  @Test
  void doublesTheWaitUpToTheLongest() {
    Backoff backoff = new Backoff(Duration.ofSeconds(1), Duration.ofSeconds(30));
    assertThat(IntStream.rangeClosed(1, 7).mapToObj(backoff::after).map(Duration::toSeconds))
        .containsExactly(1L, 2L, 4L, 8L, 16L, 30L, 30L);
    assertThat(backoff.after(Integer.MAX_VALUE)).isEqualTo(Duration.ofSeconds(30));
  }

  @Test
  void firstWaitIsNotLongerThanTheLongest() {
    assertThat(new Backoff(Duration.ofMinutes(5), Duration.ofSeconds(15)).after(1))
        .isEqualTo(Duration.ofSeconds(15));
  }
}
