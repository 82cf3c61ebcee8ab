package org.tlsuplift.server.inventory.record;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.tuple;

import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Set;
import java.util.concurrent.atomic.LongAdder;
import org.junit.jupiter.api.Test;
import org.tlsuplift.proxy.testing.SettableClock;

/** That nothing was seen says something only if somebody looked. */
class WatchRowsTest {
  private static final Instant START = Instant.parse("2026-11-24T23:59:30Z");

  private final SettableClock clock = new SettableClock(START);
  private final LongAdder dropped = new LongAdder();
  private final WatchRows notes = new WatchRows(Set.of("web", "mail"), dropped, clock);

  private List<Row> after(Duration time) {
    clock.advance(time);
    return notes.take();
  }

  @Test
  void isDueAtOnceAndThenEachMinute() {
    assertThat(notes.due()).isTrue();
    notes.take();
    assertThat(notes.due()).isFalse();
    clock.set(START.plusSeconds(59));
    assertThat(notes.due()).isFalse();
    clock.set(START.plusSeconds(60));
    assertThat(notes.due()).isTrue();
  }

  @Test
  void coversTheTimeSinceTheLastOneOfEachListenerAndDay() {
    notes.take();
    dropped.add(3);
    long midnight = START.plusSeconds(30).toEpochMilli();
    assertThat(after(Duration.ofSeconds(60)))
        .extracting(
            row -> row.text("listener"),
            row -> row.number("watched_from"),
            row -> row.number("watched_to"),
            row -> row.number("dropped"))
        .containsExactly(
            tuple("mail", START.toEpochMilli(), midnight, 0L),
            tuple("web", START.toEpochMilli(), midnight, 0L),
            tuple("mail", midnight, midnight + 30_000, 3L),
            tuple("web", midnight, midnight + 30_000, 3L));
    assertThat(after(Duration.ofSeconds(60))).allMatch(row -> row.number("dropped") == 0);
  }

  @Test
  void aSuspendedProcessIsNotAnObservation() {
    notes.take();
    long now = START.plus(Duration.ofDays(3)).toEpochMilli();
    assertThat(after(Duration.ofDays(3)))
        .hasSize(2)
        .allMatch(row -> row.number("watched_from") == now && row.number("watched_to") == now);
  }

  @Test
  void aClockThatIsSetBackStartsANewPeriod() {
    notes.take();
    clock.set(START.minusSeconds(3600));
    assertThat(notes.due()).isTrue();
    assertThat(notes.take())
        .hasSize(2)
        .allMatch(row -> row.number("watched_from") == row.number("watched_to"));
  }
}
