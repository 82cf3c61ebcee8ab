package org.tlsuplift.server.inventory.messages;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.time.Instant;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class MessageTimesTest {
  private static final Instant NOW = Instant.parse("2026-11-27T12:00:00Z");

  @ParameterizedTest
  @CsvSource({
    "2026-11-27, 2026-11-27T00:00:00Z",
    "2026-11-27T14:30, 2026-11-27T14:30:00Z",
    "2026-11-27 14:30, 2026-11-27T14:30:00Z",
    "2026-11-27T14:30:05Z, 2026-11-27T14:30:05Z",
    "90m, 2026-11-27T10:30:00Z",
    "2h, 2026-11-27T10:00:00Z",
    "7d, 2026-11-20T12:00:00Z"
  })
  void readsDaysTimesAndAges(String text, Instant meant) {
    assertThat(MessageTimes.parse(text, NOW)).isEqualTo(meant);
  }

  @ParameterizedTest
  @ValueSource(strings = {"yesterday", "", "2026-13-01", "7w", "-1d", "123456d", "27.11.2026"})
  void refusesOtherTexts(String text) {
    assertThatThrownBy(() -> MessageTimes.parse(text, NOW))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageStartingWith("expected a time of UTC, such as");
  }
}
