package org.tlsuplift.server.metrics;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import java.time.Instant;
import org.junit.jupiter.api.Test;

class OtlpOutageTest {
  private static final Instant NOON = Instant.parse("2026-11-25T12:00:00Z");

  private final OtlpOutage outage = new OtlpOutage();

  @Test
  void isReportedAtOnceAndThenHourly() {
    int told = 0;
    for (int minute = 0; minute < 180; minute++) {
      told += outage.failed("refused", NOON.plus(Duration.ofMinutes(minute))).isPresent() ? 1 : 0;
    }
    assertThat(told).isEqualTo(3);
    assertThat(outage.failed("refused", NOON.plus(Duration.ofHours(3))))
        .contains("refused (181 exports failed in a row)");
  }

  @Test
  void itsEndIsReportedIfItsStartWas() {
    assertThat(outage.worked()).isEmpty();
    assertThat(outage.failed("refused", NOON)).contains("refused");
    assertThat(outage.worked()).contains("again; failed exports: 1");
    assertThat(outage.worked()).isEmpty();
  }

  @Test
  void anUnstableReceiverDoesNotFillTheLog() {
    int told = 0;
    for (int minute = 0; minute < 60; minute += 2) {
      told += outage.failed("refused", NOON.plus(Duration.ofMinutes(minute))).isPresent() ? 1 : 0;
      told += outage.worked().isPresent() ? 1 : 0;
    }
    assertThat(told).isEqualTo(2);
    assertThat(outage.isOn()).isFalse();
  }
}
