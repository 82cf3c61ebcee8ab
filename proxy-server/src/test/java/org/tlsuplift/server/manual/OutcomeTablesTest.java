package org.tlsuplift.server.manual;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.util.Arrays;
import java.util.List;
import java.util.Set;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.tlsuplift.proxy.outcome.CloseReason;
import org.tlsuplift.proxy.outcome.HandshakeOutcome;
import org.tlsuplift.proxy.outcome.MessageRefusal;
import org.tlsuplift.proxy.outcome.OriginReply;
import org.tlsuplift.proxy.outcome.Outcome;
import org.tlsuplift.proxy.outcome.SignInOutcome;
import org.tlsuplift.proxy.testing.OneJdk;
import org.tlsuplift.server.console.PageText;
import org.tlsuplift.server.http.pages.ProblemText;
import org.tlsuplift.server.testing.GeneratedPage;

/**
 * Writes the tables of outcomes in the manual, and a section for each reason and reply that has
 * none. The rest of these pages is written by hand.
 */
@OneJdk
class OutcomeTablesTest {
  private static final Pattern QUOTED = Pattern.compile("(?<!\\w)'([^']+)'(?!\\w)");

  private static final String DOCTOR = "`tls-uplift doctor`";
  private static final String REPLIES = "`tls-uplift manual microsoft-replies`";
  private static final String PROBE = "`tls-uplift probe`";

  @Test
  void reasonsHandshakesAndSignIns() throws IOException {
    List<Outcome> outcomes =
        Stream.<Outcome[]>of(CloseReason.values(), HandshakeOutcome.values())
            .flatMap(Stream::of)
            .filter(each -> each != HandshakeOutcome.COMPLETED && each != HandshakeOutcome.NOT_TLS)
            .toList();
    new Page("troubleshooting")
        .with(
            "The log has the reason of a session and the outcome of a failed handshake:",
            "## Probe the origin",
            "Reason",
            outcomes)
        .with(
            "The log has the outcome of a sign-in:",
            "## Failed handshakes with devices",
            "Outcome",
            failures(SignInOutcome.values()))
        .check();
  }

  @Test
  void repliesAndRefusals() throws IOException {
    new Page("microsoft-replies")
        .with(
            "Each reply links to its section, which has the details:",
            "## Sign-in",
            "Reply",
            List.of(OriginReply.values()))
        .with(
            "The log and `tlsuplift_message_refusals_total` have the reason of a refused message:",
            "### 530 5.7.0",
            "Reason",
            List.of(MessageRefusal.values()))
        .check();
  }

  private static List<Outcome> failures(Outcome... outcomes) {
    return Arrays.stream(outcomes).filter(Outcome::isFailure).toList();
  }

  /** A page whose parts between a line and a heading are written by this test. */
  private static final class Page {
    private final String topic;
    private String text;

    Page(String topic) throws IOException {
      this.topic = topic;
      text = Files.readString(GeneratedPage.MANUAL.resolve(topic + ".md"));
    }

    void check() throws IOException {
      GeneratedPage.check(topic, text, OutcomeTablesTest.class);
    }

    Page with(String after, String before, String column, List<? extends Outcome> outcomes) {
      assertThat(text).containsOnlyOnce("\n" + after + "\n").containsOnlyOnce("\n" + before + "\n");
      int from = text.indexOf("\n" + after + "\n") + after.length() + 2;
      int to = text.indexOf("\n" + before + "\n", from);
      Set<String> headings = headings(text.substring(0, from) + text.substring(to));
      StringBuilder made =
          new StringBuilder("\n| " + column + " | Problem | Remedy |\n|---|---|---|\n");
      outcomes.forEach(each -> made.append(row(each)));
      outcomes.stream()
          .filter(each -> !heading(each).isEmpty() && !headings.contains(heading(each)))
          .forEach(each -> made.append(section(each)));
      text = text.substring(0, from) + made + text.substring(to);
      return this;
    }

    private String row(Outcome outcome) {
      String label = "`" + outcome.label() + "`";
      return "| %s | %s | %s |\n"
          .formatted(
              heading(outcome).isEmpty()
                  ? label
                  : "[" + label + "](#" + ProblemText.slug(heading(outcome)) + ")",
              PageText.sentence(outcome.title()),
              markdown(outcome.advice()));
    }

    private String section(Outcome outcome) {
      return "\n### %s\n\n%s. %s\n"
          .formatted(
              heading(outcome), PageText.sentence(outcome.title()), markdown(outcome.advice()));
    }

    /** Commands and keys as code, and links to the sections about commands. */
    private String markdown(String advice) {
      String page = topic.equals("troubleshooting") ? "" : "troubleshooting.md";
      return QUOTED
          .matcher(GeneratedPage.escaped(PageText.whole(advice)))
          .replaceAll("`$1`")
          .replace(DOCTOR, "[" + DOCTOR + "](" + page + "#let-the-doctor-check-the-mail-path)")
          .replace(REPLIES, "[Replies of Microsoft](microsoft-replies.md)")
          .replace(PROBE, "[" + PROBE + "](" + page + "#probe-the-origin)");
    }

    private static Set<String> headings(String text) {
      return text.lines()
          .filter(line -> line.startsWith("### "))
          .map(line -> line.substring(4))
          .collect(Collectors.toSet());
    }

    /** The heading of the section about an outcome; empty if it needs none. */
    private static String heading(Outcome outcome) {
      if (outcome instanceof SignInOutcome) {
        return "";
      }
      return outcome instanceof MessageRefusal refusal ? refusal.section() : outcome.label();
    }
  }
}
