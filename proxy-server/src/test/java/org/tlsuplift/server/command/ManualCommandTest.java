package org.tlsuplift.server.command;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** The manual on a terminal. */
class ManualCommandTest {
  @Test
  void listsTheTopicsWithTheirTitles() {
    CommandRun run = CommandRun.of("manual");
    assertThat(run.exit()).isZero();
    assertThat(run.out())
        .containsPattern("(?m)^Reference\\R(?:  .*\\R)*  commands +Commands$")
        .contains("'tls-uplift manual");
  }

  @Test
  void printsAPage() {
    CommandRun run = CommandRun.of("manual", "commands");
    assertThat(run.exit()).isZero();
    assertThat(run.out()).startsWith("# Commands").contains("## tls-uplift manual");
  }

  @Test
  void printsASection() {
    CommandRun run = CommandRun.of("manual", "metrics#tlsuplift_ready");
    assertThat(run.exit()).isZero();
    assertThat(run.out()).startsWith("### tlsuplift_ready").doesNotContain("tlsuplift_tokens");
  }

  @Test
  void printsAFileAsItIs() throws Exception {
    CommandRun run = CommandRun.of("manual", "--file", "config/tls-uplift.yaml");
    assertThat(run.exit()).isZero();
    assertThat(run.out()).isEqualTo(Files.readString(Path.of("..", "config", "tls-uplift.yaml")));
  }

  @Test
  void findsHeadings() {
    CommandRun run = CommandRun.of("manual", "--search", "Legacy", "handshakes");
    assertThat(run.exit()).isZero();
    assertThat(run.out()).contains("metrics#tlsuplift_legacy_handshakes_total  Metrics: ");
    CommandRun none = CommandRun.of("manual", "--search", "nonsense");
    assertThat(none.exit()).isEqualTo(1);
    assertThat(none.err()).contains("no title and no heading contains 'nonsense'");
  }

  @ParameterizedTest
  @CsvSource({
    "metric, 'no topic ''metric''; did you mean metrics?'",
    "comands, 'no topic ''comands''; did you mean ''commands''?'",
    "metrics#tlsuplift_redy, 'no section ''tlsuplift_redy''; did you mean ''tlsuplift_ready''?'",
    "xyzzy, 'no topic ''xyzzy'''",
    "../index, 'no topic ''../index'''"
  })
  void namesTheNearestTopics(String topic, String message) {
    CommandRun run = CommandRun.of("manual", topic);
    assertThat(run.exit()).isEqualTo(2);
    assertThat(run.err()).contains(message);
    assertThat(run.out()).isEmpty();
  }

  @Test
  void printsNoPictureThatIsNotText() {
    CommandRun run = CommandRun.of("manual", "--file", "overview-page.png");
    assertThat(run.exit()).isEqualTo(2);
    assertThat(run.err()).startsWith("--file: got 'overview-page.png'; expected one of ");
    assertThat(run.err()).doesNotContain(", devices-page.png");
  }

  @Test
  void refusesAFileThatIsNotPartOfTheManual() {
    CommandRun run = CommandRun.of("manual", "--file", "/etc/passwd");
    assertThat(run.exit()).isEqualTo(2);
    assertThat(run.err())
        .contains("--file: got '/etc/passwd'; expected one of config/tls-uplift.yaml");
  }

  @Test
  void printsOneThingAtATime() {
    assertThat(CommandRun.of("manual", "metrics", "--search", "x").exit()).isEqualTo(2);
  }
}
