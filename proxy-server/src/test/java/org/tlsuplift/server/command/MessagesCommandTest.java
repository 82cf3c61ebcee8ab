package org.tlsuplift.server.command;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.time.LocalDate;
import java.time.ZoneOffset;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.tlsuplift.proxy.model.MessageOutcome;
import org.tlsuplift.server.inventory.VerdictRules;
import org.tlsuplift.server.inventory.record.Trail;
import org.tlsuplift.server.inventory.record.WrittenInventory;
import org.tlsuplift.server.inventory.record.WrittenInventory.Does;

/** The help desk's question in the terminal: what became of my scan? */
class MessagesCommandTest {
  /** Later than the messages of the silent device. */
  private final LocalDate day = LocalDate.now(ZoneOffset.UTC).minusDays(2);

  private final Instant noon = day.atTime(12, 0).toInstant(ZoneOffset.UTC);

  @TempDir Path folder;
  private String config = "";

  @BeforeEach
  void writeInventory() throws Exception {
    config = Configs.write(folder);
    Files.createDirectories(folder.resolve("data"));
    Instant now = Instant.now();
    try (WrittenInventory seen =
        new WrittenInventory(
            folder.resolve("data").resolve("inventory.db"), VerdictRules.defaults(), now)) {
      seen.sent(Trail.accepted("10.1.2.3", noon, "@fabrikam.com"))
          .sent(
              Trail.message(
                  "10.1.2.4",
                  noon.plusSeconds(60),
                  "=fax\u001b[31m@contoso.com",
                  List.of("@adatum.com", "@x.example"),
                  MessageOutcome.REFUSED,
                  "sender_not_allowed",
                  "550 5.7.60 no"));
      for (int days = 9; days > 4; days--) {
        Instant at = now.minus(Duration.ofDays(days));
        seen.saw("10.1.2.9", at, "web", Does.TLS_1_0)
            .sent(Trail.accepted("10.1.2.9", at, "@alarm.example"));
      }
      seen.write();
    }
  }

  private CommandRun messages(String... more) {
    return CommandRun.of(
        Stream.concat(Stream.of("messages", "--config", config), Stream.of(more))
            .toArray(String[]::new));
  }

  @Test
  void listsTheLatestFirstWithTheReplyOfTheOrigin() {
    CommandRun run = messages("--to", day.plusDays(1).toString(), "--from", day.toString());
    assertThat(run.err()).isEmpty();
    assertThat(run.out().lines())
        .satisfiesExactly(
            header -> assertThat(header).matches("TIME +DEVICE +LISTENER +SENDER .* REPLY"),
            refused ->
                assertThat(refused)
                    .startsWith(day + "T12:01:00Z  10.1.2.4  submission")
                    .contains("2 @adatum.com,@x.example", "refused: sender_not_allowed")
                    .contains("=fax\\x1b[31m@contoso.com")
                    .endsWith("550 5.7.60 no"),
            accepted -> assertThat(accepted).endsWith("250 2.0.0 Ok: queued as 4XFoo"),
            count -> assertThat(count).isEqualTo("2 messages"));
  }

  @Test
  void searches() {
    assertThat(messages("--recipient", "bob@fabrikam.com").out()).contains("10.1.2.3", "1 message");
    assertThat(messages("--device", "10.1.2.4/32").out()).contains("1 message");
    assertThat(messages("--outcome", "refused,rejected").out()).contains("10.1.2.4", "1 message");
    assertThat(messages("--sender", "nobody").out())
        .endsWith("0 messages" + System.lineSeparator());
    assertThat(messages("--limit", "1").out()).contains("7 messages; --limit shows more than 1");
  }

  @Test
  void printsCsvWithoutFormulasAndJson() {
    CommandRun csv = messages("--csv", "--device", "10.1.2.4");
    assertThat(csv.out().lines().toList())
        .satisfiesExactly(
            header -> assertThat(header).startsWith("at,seconds,session,listener,device,"),
            line ->
                assertThat(line)
                    .contains(",'=fax")
                    .contains(",'@adatum.com @x.example,2,0,52311,refused,"));
    assertThat(messages("--json", "--device", "10.1.2.3").out())
        .isEqualToNormalizingNewlines(
            """
            [ {
              "at" : "%sT12:00:00Z",
              "seconds" : 0.85,
              "session" : "0000002a",
              "listener" : "submission",
              "device" : "10.1.2.3",
              "sender" : "scanner@contoso.com",
              "recipients" : [ "@fabrikam.com" ],
              "recipientCount" : 1,
              "acceptedRecipients" : 1,
              "size" : 52311,
              "outcome" : "accepted",
              "reply" : "250 2.0.0 Ok: queued as 4XFoo",
              "deviceTls" : "TLSv1",
              "originTls" : "TLSv1.3"
            } ]
            """
                .formatted(day));
  }

  @Test
  void listsTheDevicesThatStopped() {
    CommandRun run = messages("--silent");
    assertThat(run.err()).isEmpty();
    assertThat(run.out()).contains("10.1.2.9", "5 of 30", "1 day", "1 silent device");
    assertThat(messages("--silent", "--json").out()).contains("\"address\" : \"10.1.2.9\"");
  }

  @Test
  void reportsErrorsInOptions() {
    for (Map.Entry<String, String> each :
        Map.of(
                "--outcome", "--outcome: got 'x'; expected accepted, deferred, ",
                "--from", "--from: got 'x'; expected a time of UTC, such as 2026-11-27",
                "--limit", "Invalid value for option '--limit'")
            .entrySet()) {
      CommandRun run = messages(each.getKey(), "x");
      assertThat(run.exit()).isEqualTo(2);
      assertThat(run.err()).startsWith(each.getValue());
    }
    assertThat(messages("--silent", "--sender", "x").err())
        .startsWith("--sender: has no effect with --silent");
    assertThat(messages("--device", "10.1.2.3, 10.1.2.0/24").err())
        .startsWith("--device: got '10.1.2.3, 10.1.2.0/24'; expected one address or one address");
    assertThat(messages("--device", "scanner, 2nd floor").err())
        .as("a name may have a comma")
        .isEmpty();
    assertThat(messages("--limit", "0").err()).startsWith("--limit: got '0'; expected 1 or more");
  }

  @Test
  void explainsThatRecordingIsDisabled() throws Exception {
    Files.writeString(
        Path.of(config), Files.readString(Path.of(config)) + "\nmessages: {enabled: false}\n");
    CommandRun run = messages();
    assertThat(run.exit()).isEqualTo(1);
    assertThat(run.err()).contains("messages.enabled is false");
  }
}
