package org.tlsuplift.server.daemon.watch;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Locale;
import java.util.Set;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** Notifications and alert rules have the same notion of what is critical. */
class CriticalCounterTest {
  private static final Instant START = Instant.parse("2026-11-27T10:00:00Z");

  static List<CriticalCounter> all() {
    return CriticalCounter.ALL;
  }

  @ParameterizedTest
  @MethodSource("all")
  void matchesItsAlertRule(CriticalCounter counter) throws IOException {
    String rules = Files.readString(Path.of("..", "config", "alerts.yml"));
    Matcher rule =
        Pattern.compile(
                "- alert: "
                    + counter.alert().rule()
                    + "\\n.*?(?:reason|reply)=~?\"([^\"]*)\"}\\[([^\\]]*)\\].*?severity: (\\w+)",
                Pattern.DOTALL)
            .matcher(rules);

    assertThat(rule.find()).as(counter.alert().rule()).isTrue();
    assertThat(Set.of(rule.group(1).replace("[.]", ".").split("\\|", -1)))
        .isEqualTo(watched(counter));
    assertThat(Duration.parse("PT" + rule.group(2).toUpperCase(Locale.ROOT)))
        .isEqualTo(counter.alert().window());
    assertThat(rule.group(3)).isEqualTo("critical");
  }

  private static Set<String> watched(CriticalCounter counter) {
    return Stream.of(counter.reasons(), counter.replies())
        .flatMap(Set::stream)
        .collect(Collectors.toSet());
  }

  @Test
  void growthIsForgottenAfterTheWindow() {
    CriticalCounter.Growth growth = new CriticalCounter.Growth(CriticalCounter.ALL.get(4));
    assertThat(growth.hasGrown(7, START)).as("what was there before").isFalse();
    assertThat(growth.hasGrown(7, START.plusSeconds(5))).isFalse();
    assertThat(growth.hasGrown(8, START.plusSeconds(10))).isTrue();
    assertThat(growth.hasGrown(8, START.plusSeconds(600))).isTrue();
    assertThat(growth.hasGrown(8, START.plusSeconds(911))).isFalse();
  }
}
