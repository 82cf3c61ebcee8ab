package org.tlsuplift.proxy.signin.limits;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.ArrayDeque;
import java.util.Deque;
import java.util.List;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.constraints.IntRange;
import net.jqwik.api.constraints.LongRange;
import net.jqwik.api.constraints.Size;
import org.junit.jupiter.api.Test;

class MessageWindowTest {
  private static final long SECOND = 1_000_000_000L;

  @Test
  void aMessageCountsForSixtySecondsToTheNanosecond() {
    MessageWindow window = new MessageWindow(1);
    assertThat(window.take(0)).isTrue();
    assertThat(window.take(60 * SECOND - 1)).isFalse();
    assertThat(window.untilRoom(60 * SECOND - 1)).isEqualTo(1);
    assertThat(window.untilEmpty(60 * SECOND - 1)).isEqualTo(1);
    assertThat(window.take(60 * SECOND)).isTrue();
  }

  @Test
  void theLatestMessagesCountUnderAnotherLimit() {
    MessageWindow window = new MessageWindow(3);
    for (int second = 1; second <= 3; second++) {
      assertThat(window.take(second * SECOND)).isTrue();
    }
    window.limit(2);
    assertThat(window.take(61 * SECOND)).isFalse();
    assertThat(window.untilRoom(61 * SECOND)).isEqualTo(SECOND);
    assertThat(window.take(62 * SECOND)).isTrue();
    window.limit(4);
    assertThat(window.take(62 * SECOND)).isTrue();
    assertThat(window.take(62 * SECOND)).isTrue();
    assertThat(window.take(62 * SECOND)).isFalse();
  }

  /** Compares with a list of times. The clock may overflow. */
  @Property(tries = 500)
  void matchesAListOfTimes(
      @ForAll @IntRange(min = 1, max = 4) int most,
      @ForAll boolean overflows,
      @ForAll @Size(max = 40) List<@LongRange(max = 40) Long> waits) {
    MessageWindow window = new MessageWindow(most);
    Deque<Long> times = new ArrayDeque<>();
    long now = overflows ? Long.MAX_VALUE - 90 * SECOND : 0;
    for (long wait : waits) {
      now += wait * SECOND;
      long then = now;
      times.removeIf(time -> then - time >= 60 * SECOND);
      assertThat(window.untilRoom(now))
          .isEqualTo(times.size() < most ? 0 : 60 * SECOND - (now - times.getFirst()));
      assertThat(window.untilEmpty(now))
          .isEqualTo(times.isEmpty() ? 0 : 60 * SECOND - (now - times.getLast()));
      assertThat(window.take(now)).isEqualTo(times.size() < most);
      if (times.size() < most) {
        times.add(now);
      }
    }
  }
}
