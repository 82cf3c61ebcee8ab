package org.tlsuplift.server.metrics;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.function.Predicate;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.tlsuplift.proxy.outcome.Alert;
import org.tlsuplift.proxy.outcome.CloseReason;
import org.tlsuplift.proxy.outcome.HandshakeOutcome;
import org.tlsuplift.proxy.outcome.OriginReply;
import org.tlsuplift.proxy.outcome.Outcome;
import org.tlsuplift.proxy.outcome.SignInOutcome;
import org.tlsuplift.proxy.testing.OneJdk;
import org.tlsuplift.server.testing.GeneratedPage;

/** Writes the labels of outcomes into the alert rules and the dashboard. */
@OneJdk
class OutcomeLabelsTest {
  private static final String AT_ORIGINS = "reason=~\\\\?\"(?=[^\"]*origin_unreachable)";

  private static final Outcome[] OUTCOMES =
      Stream.<Outcome[]>of(
              CloseReason.values(),
              HandshakeOutcome.values(),
              SignInOutcome.values(),
              OriginReply.values())
          .flatMap(Stream::of)
          .toArray(Outcome[]::new);

  @Test
  void eachAlertHasARuleForItsOutcomes() throws IOException {
    String rules = Files.readString(WatchedExpressions.RULES);
    for (Alert alert : Alert.values()) {
      rules =
          with(
              rules,
              "- alert: " + alert.rule() + "\\n(?:(?!- alert).)*?\\b(?:reason|reply|outcome)=~?\"",
              labels(outcome -> outcome.alert() == alert, OUTCOMES));
    }
    rules =
        with(
            rules,
            "- alert: TlsUpliftMailRefused\\n(?:(?!- alert).)*?reply!~\"",
            labels(
                outcome -> outcome.alert() != null && outcome.alert().isCritical(),
                OriginReply.values()));
    GeneratedPage.check(
        WatchedExpressions.RULES, withFailuresAtOrigins(rules), OutcomeLabelsTest.class);
  }

  @Test
  void theDashboardCountsTheFailuresAtOrigins() throws IOException {
    Path file = WatchedExpressions.DASHBOARD;
    GeneratedPage.check(
        file, withFailuresAtOrigins(Files.readString(file)), OutcomeLabelsTest.class);
  }

  /** Otherwise a rule would be critical, and the daemon would send no notification. */
  @Test
  void everyCriticalRuleAboutLabelsBelongsToAnAlert() throws IOException {
    assertThat(WatchedExpressions.rules())
        .filteredOn(rule -> rule.path("labels").path("severity").asText().equals("critical"))
        .filteredOn(rule -> rule.path("expr").asText().matches("(?s).*\\b(reason|reply)[=!].*"))
        .extracting(rule -> rule.path("alert").asText())
        .containsExactlyInAnyOrderElementsOf(
            Arrays.stream(Alert.values()).filter(Alert::isCritical).map(Alert::rule).toList());
  }

  private static String labels(Predicate<Outcome> which, Outcome... outcomes) {
    return Arrays.stream(outcomes)
        .filter(which)
        .map(outcome -> outcome.label().replace(".", "[.]"))
        .collect(Collectors.joining("|"));
  }

  private static String withFailuresAtOrigins(String text) {
    return with(
        text,
        AT_ORIGINS,
        labels(outcome -> outcome.side() == Outcome.Side.ORIGIN, CloseReason.values()));
  }

  /** Puts labels after each place that the pattern finds, up to the end of the string. */
  private static String with(String text, String pattern, String labels) {
    Matcher place = Pattern.compile("(" + pattern + ")[^\"\\\\]*", Pattern.DOTALL).matcher(text);
    assertThat(place.find()).as(pattern).isTrue();
    return place.replaceAll(found -> Matcher.quoteReplacement(found.group(1) + labels));
  }
}
