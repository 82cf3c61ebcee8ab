package org.tlsuplift.proxy.accept;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.Optional;
import java.util.concurrent.TimeoutException;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** One attempt that fails, as on a busy machine, does not decide against io_uring. */
class UringProbeTest {
  private final AtomicInteger attempts = new AtomicInteger();

  /** Attempts of which the first ones fail. */
  private Optional<Throwable> failureAfter(int failing) {
    return UringProbe.lastFailure(
        () -> {
          int attempt = attempts.incrementAndGet();
          return attempt <= failing
              ? Optional.of(new TimeoutException("attempt " + attempt))
              : Optional.empty();
        });
  }

  @ParameterizedTest
  @ValueSource(ints = {0, 1, 2})
  void stopsAtTheFirstAttemptThatSucceeds(int failing) {
    assertThat(failureAfter(failing)).isEmpty();
    assertThat(attempts).hasValue(failing + 1);
  }

  @Test
  void givesUpAfterThreeAttemptsWithTheLastFailure() {
    assertThat(failureAfter(9)).get().extracting(Throwable::getMessage).isEqualTo("attempt 3");
    assertThat(attempts).hasValue(3);
  }
}
