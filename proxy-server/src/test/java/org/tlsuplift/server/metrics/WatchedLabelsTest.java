package org.tlsuplift.server.metrics;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;
import java.util.function.Function;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.tlsuplift.proxy.model.Action;
import org.tlsuplift.proxy.model.MessageOutcome;
import org.tlsuplift.proxy.model.TlsVersion;
import org.tlsuplift.proxy.outcome.CloseReason;
import org.tlsuplift.proxy.outcome.HandshakeOutcome;
import org.tlsuplift.proxy.outcome.OriginReply;
import org.tlsuplift.proxy.outcome.SignInOutcome;
import org.tlsuplift.proxy.signin.limits.MailboxObserver;
import org.tlsuplift.proxy.testing.OneJdk;
import org.tlsuplift.server.inventory.Verdict;
import org.tlsuplift.server.notify.NotificationCounts.Outcome;

/** Rules and panels select only label values that exist, because others would never match. */
@OneJdk
class WatchedLabelsTest {
  @Test
  void reasonsAndActions() throws IOException {
    assertThat(labels(CloseReason.values(), CloseReason::label)).containsAll(asked("reason"));
    assertThat(asked("action")).isEqualTo(labels(Action.values(), Action::label));
  }

  @Test
  void outcomes() throws IOException {
    Set<String> known = labels(HandshakeOutcome.values(), HandshakeOutcome::label);
    known.addAll(labels(SignInOutcome.values(), SignInOutcome::label));
    known.addAll(labels(MessageOutcome.values(), MessageOutcome::label));
    known.addAll(labels(Outcome.values(), Outcome::label));
    assertThat(known).containsAll(asked("outcome"));
  }

  @Test
  void protocolsAreExactlyTheLegacyOnesAndTheOthers() throws IOException {
    Set<String> all = labels(TlsVersion.values(), TlsVersion::label);
    all.remove(TlsVersion.SSL_2.label());
    assertThat(asked("protocol")).isEqualTo(all);
  }

  @Test
  void replies() throws IOException {
    assertThat(labels(OriginReply.values(), OriginReply::label)).containsAll(asked("reply"));
    assertThat(asked("reply"))
        .contains(
            OriginReply.SMTP_AUTH_DISABLED.label(),
            OriginReply.BASIC_AUTH_RETIRED.label(),
            OriginReply.TLS_TOO_OLD.label(),
            OriginReply.MAILBOX_TLS_TOO_OLD.label());
  }

  @Test
  void linesOfMailboxes() throws IOException {
    assertThat(labels(MailboxObserver.Queue.values(), MailboxObserver.Queue::label))
        .containsAll(asked("line"));
  }

  @Test
  void verdicts() throws IOException {
    assertThat(asked("verdict"))
        .containsExactlyInAnyOrderElementsOf(
            Arrays.stream(Verdict.values())
                .filter(Verdict::needsUpgrade)
                .map(Verdict::label)
                .toList());
  }

  @Test
  void theNamesInAnExpressionAreFound() {
    assertThat(
            PromQl.metrics(
                "sum by (a, b) (increase(x_total{reason=~\"y|z\"}[15m] offset 1h)) > 0.2 and on (job)"
                    + " r:s or 3600 * min({__name__=~\"p|q\",j=\"k\"}) - time()"))
        .containsExactlyInAnyOrder("x_total", "r:s", "p", "q");
    assertThat(PromQl.values("a{reply!~\"535 5[.]7[.]3|x\"} + b{reply=\"y\"}", "reply"))
        .containsExactly("535 5.7.3", "x", "y");
  }

  private static Set<String> asked(String label) throws IOException {
    List<String> all = new ArrayList<>(WatchedExpressions.ofRules());
    all.addAll(WatchedExpressions.ofDashboard());
    return all.stream()
        .flatMap(each -> PromQl.values(each, label).stream())
        .filter(value -> !value.equals(".*") && !value.equals("none"))
        .collect(Collectors.toCollection(TreeSet::new));
  }

  private static <T> Set<String> labels(T[] values, Function<T, String> label) {
    return Stream.of(values).map(label).collect(Collectors.toCollection(TreeSet::new));
  }
}
