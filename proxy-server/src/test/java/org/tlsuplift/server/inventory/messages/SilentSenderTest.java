package org.tlsuplift.server.inventory.messages;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Instant;
import java.util.Arrays;
import java.util.List;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** A device is silent one day after its longest pause. */
class SilentSenderTest {
  // A Monday is day 4 of 7 here: 1970-01-05.
  @ParameterizedTest
  @CsvSource({
    // Monday to Friday, two weeks: the pause of a weekend is 3 days.
    "4 5 6 7 8 11 12 13 14 15, 1970-01-16T17:00:00Z, 1970-01-19T20:00:00Z, false",
    "4 5 6 7 8 11 12 13 14 15, 1970-01-16T17:00:00Z, 1970-01-20T16:59:00Z, false",
    "4 5 6 7 8 11 12 13 14 15, 1970-01-16T17:00:00Z, 1970-01-20T17:01:00Z, true",
    // Each day.
    "1 2 3 4, 1970-01-05T10:00:00Z, 1970-01-07T10:01:00Z, true",
    "1 2 3 4, 1970-01-05T10:00:00Z, 1970-01-06T23:00:00Z, false",
    // Too rarely to be regular.
    "1 2 3, 1970-01-04T10:00:00Z, 1970-01-29T10:00:00Z, false",
  })
  void isSilentOneDayAfterItsLongestPause(
      String days, Instant latest, Instant now, boolean silent) {
    List<Long> numbers = Arrays.stream(days.split(" ")).map(Long::valueOf).toList();
    assertThat(SilentSender.isSilent(numbers, latest, now)).isEqualTo(silent);
  }
}
