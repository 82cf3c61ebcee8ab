package org.tlsuplift.server.spool;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.tlsuplift.server.audit.AuditJournal;
import org.tlsuplift.server.command.CommandRun;
import org.tlsuplift.server.command.Configs;
import org.tlsuplift.server.command.UpliftCommand;
import org.tlsuplift.server.command.text.CommandFailures;
import picocli.CommandLine;

/** Operators see and change what waits in the terminal. */
class SpoolCommandTest {
  private final Instant now = Instant.now();
  private final MemorySpool spool = new MemorySpool();

  @TempDir Path folder;
  private String config = "";

  @BeforeEach
  void write() throws Exception {
    config = Configs.write(folder);
    Files.createDirectories(folder.resolve("data"));
    spool
        .add("m1", now.minus(Duration.ofDays(1)), "scan\u001b[31m@contoso.com", MemorySpool.BUSY)
        .add("m2", now, "", "");
  }

  private SpoolSettings settings(@Nullable String file) {
    assertThat(file).isEqualTo(config);
    return new SpoolSettings(folder.resolve("data"), Map.of(), null, null);
  }

  private CommandRun spool(String... arguments) {
    List<String> all = new ArrayList<>(List.of(arguments));
    Collections.addAll(all, "--config", config);
    StringWriter out = new StringWriter();
    StringWriter err = new StringWriter();
    CommandLine line =
        SpoolCommand.line(this::settings, read -> spool)
            .setExecutionExceptionHandler(new CommandFailures(() -> false))
            .setParameterExceptionHandler(new UpliftCommand.UsageErrors())
            .setOut(new PrintWriter(out, true))
            .setErr(new PrintWriter(err, true));
    return new CommandRun(line.execute(all.toArray(String[]::new)), out.toString(), err.toString());
  }

  private String journal() throws Exception {
    Path journal = folder.resolve("data").resolve(AuditJournal.FILE);
    return Files.exists(journal) ? Files.readString(journal) : "";
  }

  @Test
  void listsTheOldestFirstWithTheReasonAndTheTotals() {
    CommandRun run = spool("list");

    assertThat(run.exit()).as(run.err()).isZero();
    assertThat(run.out().lines())
        .hasSize(4)
        .first()
        .asString()
        .matches("ID +ACCEPTED +DEVICE +LISTENER +SENDER +RECIPIENTS +SIZE +ATTEMPTS +NEXT +REPLY");
    assertThat(run.out())
        .contains("m1", "10.0.0.1", "submission", "bob@fabrikam.com +1", "52000", "432 4.3.2")
        .contains("<>", "messages: 2, held: 0, bytes: 104000, the oldest since ")
        .doesNotContain("\u001b");
    assertThat(spool("list", "--limit", "0").exit()).isEqualTo(2);
  }

  @Test
  void showsOneMessageWithTheRemedyForItsReply() {
    assertThat(spool("show", "m1").out())
        .contains("message      m1", "account      scanner@contoso.com", "recipients   bob@fabri")
        .contains("attempts     3", "last reply   smtp.office365.com:587: 432 4.3.2")
        .containsPattern("meaning {6}\\w.*\nremedy {7}\\w");
    CommandRun gone = spool("show", "m1", "m9");
    assertThat(gone.exit()).isOne();
    assertThat(gone.err()).contains("m9: no message with this ID waits");
  }

  @Test
  void scriptsGetJson() throws Exception {
    JsonNode all = new ObjectMapper().readTree(spool("list", "--json", "--limit", "1").out());
    assertThat(all.path("messages").asInt()).isEqualTo(2);
    assertThat(all.path("waiting")).hasSize(1);
    assertThat(all.at("/waiting/0/meaning").asText()).isNotEmpty();
    JsonNode one = new ObjectMapper().readTree(spool("show", "m2", "--json").out());
    assertThat(one.at("/0/recipients/1").asText()).isEqualTo("eve@fabrikam.com");
    assertThat(one.at("/0/lastReply").isMissingNode()).isTrue();
  }

  @Test
  void holdsReleasesAndRetriesAndTheAuditLogHasIt() throws Exception {
    assertThat(spool("hold", "m1", "m2").out()).isEqualTo("m1: held\nm2: held\n");
    assertThat(spool("list").out()).contains("held: 2,");
    assertThat(spool("release", "m2").out()).isEqualTo("m2: released\n");
    CommandRun partly = spool("retry", "m9", "m1");
    assertThat(partly.exit()).isOne();
    assertThat(partly.out()).contains("m9: no message with this ID waits", "m1: due now");
    assertThat(spool("list").out()).containsPattern("m1 .* now ").contains("held: 0,");
    assertThat(journal())
        .contains("waiting.hold", "waiting.release", "waiting.retry")
        .doesNotContain("m9");
  }

  @Test
  void retriesAllThatAreNotHeld() throws Exception {
    assertThat(spool("hold", "m2").exit()).isZero();
    CommandRun all = spool("retry", "--all");
    assertThat(all.exit()).as(all.err()).isZero();
    assertThat(all.out()).isEqualTo("all: messages due now: 1\n");
    assertThat(spool("list").out()).containsPattern("m1 .* now ").contains("held: 1,");
    assertThat(journal()).contains("waiting.retry", "messages+due+now%3A+1");

    for (CommandRun wrong : List.of(spool("retry"), spool("retry", "--all", "m1"))) {
      assertThat(wrong.exit()).isEqualTo(2);
      assertThat(wrong.err()).contains("give the IDs of messages, as in the list, or --all");
    }
  }

  @Test
  void deletesWithYesOnly() throws Exception {
    CommandRun asked = spool("drop", "m1");
    assertThat(asked.exit()).isEqualTo(2);
    assertThat(asked.err()).contains("nothing was deleted; add --yes");
    assertThat(journal()).isEmpty();

    assertThat(spool("drop", "--yes", "m1").out()).isEqualTo("m1: deleted\n");
    assertThat(spool("list").out()).doesNotContain("m1 ").contains("messages: 1,");
    assertThat(journal()).contains("waiting.drop", "m1");
  }

  @Test
  void reportsAFailingDatabaseInOneLine() {
    spool.fail();

    CommandRun run = spool("list");

    assertThat(run.exit()).isOne();
    assertThat(run.err()).isEqualTo("spool.db: disk I/O error\n");
  }

  @Test
  void refusesAConfigurationWithoutASpool() {
    CommandRun run = CommandRun.of("spool", "list", "--config", config);

    assertThat(run.exit()).isOne();
    assertThat(run.err()).contains("no message waits", "mail: {spool: ...}");
  }

  @Test
  void helpNamesTheConsequences() {
    assertThat(CommandRun.of("spool", "drop", "--help").out())
        .contains("Delete messages that wait. Nobody is notified.", "--yes")
        .contains("The message, as in the list.");
    assertThat(CommandRun.of("spool", "--help").out())
        .contains("list", "show", "retry", "hold", "release", "drop");
  }
}
