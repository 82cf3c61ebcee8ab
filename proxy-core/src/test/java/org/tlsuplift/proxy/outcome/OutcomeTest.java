package org.tlsuplift.proxy.outcome;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.Arrays;
import java.util.EnumSet;
import java.util.Objects;
import java.util.Set;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

class OutcomeTest {
  static Stream<Outcome> all() {
    return Stream.<Outcome[]>of(
            CloseReason.values(),
            HandshakeOutcome.values(),
            SignInOutcome.values(),
            OriginReply.values(),
            MessageRefusal.values())
        .flatMap(Arrays::stream);
  }

  @ParameterizedTest
  @MethodSource("all")
  void hasATitleAndARemedyInOneLine(Outcome outcome) {
    assertThat(outcome.title()).matches("\\S[^.\\n]*(\\.\\S[^.\\n]*)*").hasSizeLessThan(90);
    assertThat(outcome.remedy())
        .doesNotContain("\n", ". ")
        .doesNotEndWith(".")
        .hasSizeLessThan(101);
    if (!outcome.advice().equals(outcome.remedy())) {
      assertThat(outcome.advice()).matches("[A-Z][^\\n]*\\.").hasSizeLessThan(260);
    }
    assertThat(outcome.remedy().isEmpty() && outcome.isFailure()).isFalse();
  }

  @Test
  void everyAlertHasAnOutcome() {
    Set<Alert> raised =
        all().map(Outcome::alert).filter(Objects::nonNull).collect(Collectors.toSet());
    assertThat(raised).isEqualTo(EnumSet.allOf(Alert.class));
  }

  @Test
  void alertsHaveTheNamesOfTheirRules() {
    assertThat(Alert.DEVICE_DOES_NOT_TRUST_CA.rule()).isEqualTo("TlsUpliftDeviceDoesNotTrustCa");
    assertThat(Alert.OVERLOADED.labels(CloseReason.values())).containsExactly("overloaded");
    assertThat(Alert.FAULT.isCritical()).isFalse();
    assertThat(Alert.OVERLOADED.isCritical()).isTrue();
  }
}
