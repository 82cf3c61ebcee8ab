package org.tlsuplift.server.inventory;

import static org.assertj.core.api.Assertions.assertThat;
import static org.tlsuplift.server.inventory.record.Sightings.NOW;

import java.time.Duration;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** What is to be done about a device, from the days on which it last showed what it can do. */
class VerdictRulesTest {
  /** Days ago; empty for never. Ready after 7 days, gone after 30. */
  @ParameterizedTest
  @CsvSource({
    // seen, plaintext, tooOld, onlyRsa, noSuite, ready, verdict
    "0,  ,  ,  ,  ,  , UNKNOWN",
    "0,  , 0,  ,  ,  , TOO_OLD",
    "0,  ,  , 0,  ,  , ONLY_TLS_RSA",
    "0,  ,  ,  , 0,  , NO_ACCEPTED_SUITE",
    "0,  ,  ,  ,  , 0, READY",
    "0, 0,  ,  ,  ,  , NO_ENCRYPTION",
    // behind one address may be several programs: the worst of this week counts
    "0,  , 6,  ,  , 0, TOO_OLD",
    "0,  , 8,  ,  , 0, READY",
    "0, 6, 3, 2, 1, 0, NO_ENCRYPTION",
    "0, 8, 3, 2, 1, 0, TOO_OLD",
    "0, 8, 8, 2, 1, 0, ONLY_TLS_RSA",
    "0, 8, 8, 8, 1, 0, NO_ACCEPTED_SUITE",
    // and what it showed last counts, however long ago
    "1,  , 20,  ,  ,  , TOO_OLD",
    "1,  , 20,  ,  , 21, TOO_OLD",
    "1,  , 21,  ,  , 20, READY",
    "1,  , 20,  ,  , 20, TOO_OLD",
    // a device that is gone is not seen
    "30, , 30,  ,  ,  , TOO_OLD",
    "31, , 31,  ,  ,  , NOT_SEEN",
    "31, ,   ,  ,  , 31, NOT_SEEN",
    "31, ,   ,  ,  ,  , NOT_SEEN"
  })
  void verdictFollowsFromTheLatestSightings(
      int seen,
      Integer plaintext,
      Integer tooOld,
      Integer onlyRsa,
      Integer noSuite,
      Integer ready,
      Verdict expected) {
    VerdictRules.LastShown shown =
        new VerdictRules.LastShown(
            ago(seen), ago(plaintext), ago(tooOld), ago(onlyRsa), ago(noSuite), ago(ready));
    assertThat(VerdictRules.defaults().judge(shown, NOW)).isEqualTo(expected);
  }

  @ParameterizedTest
  @CsvSource({
    "TOO_OLD, 0x0301, needs upgrade: TLS 1.0 only",
    "TOO_OLD, 0x0302, needs upgrade: TLS 1.1 only",
    "TOO_OLD, 0x0300, needs upgrade: SSL 3.0 only",
    "TOO_OLD, 0x0002, needs upgrade: SSL 2.0 only",
    "TOO_OLD, 0x0000, needs upgrade: unknown TLS version",
    "ONLY_TLS_RSA, 0, needs upgrade: TLS 1.2 but only TLS_RSA",
    "NO_ACCEPTED_SUITE, 0, needs upgrade: TLS 1.2 but no suite that Microsoft 365 accepts",
    "NO_ENCRYPTION, 0, needs upgrade: does not encrypt",
    "READY, 0, ready: speaks TLS 1.2+ ECDHE",
    "NOT_SEEN, 0, not seen for 40 days",
    "UNKNOWN, 0, unknown: no session reached TLS"
  })
  void verdictHasThisText(Verdict verdict, String newest, String words) {
    assertThat(VerdictText.of(verdict, Long.decode(newest), NOW.minus(Duration.ofDays(40)), NOW))
        .isEqualTo(words);
  }

  private static long ago(Integer days) {
    return days == null ? 0 : NOW.minus(Duration.ofDays(days)).toEpochMilli();
  }
}
