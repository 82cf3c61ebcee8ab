package org.tlsuplift.server.command;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;
import org.tlsuplift.proxy.outcome.OriginReply;
import org.tlsuplift.server.inventory.DeviceNotes;
import org.tlsuplift.server.inventory.Inventory.NotesChange;
import org.tlsuplift.server.inventory.VerdictRules;
import org.tlsuplift.server.inventory.record.WrittenInventory;
import org.tlsuplift.server.inventory.record.WrittenInventory.Does;

/** The list in the terminal says what was asked for, or what is wrong with the question. */
class DevicesCommandTest {
  @TempDir Path folder;
  private String config = "";

  @BeforeEach
  void writeInventory() throws Exception {
    config = Configs.write(folder);
    Files.createDirectories(folder.resolve("data"));
    Instant yesterday = Instant.now().minus(Duration.ofDays(1));
    try (WrittenInventory seen =
        new WrittenInventory(
            folder.resolve("data").resolve("inventory.db"),
            VerdictRules.defaults(),
            Instant.now())) {
      seen.saw("10.1.2.3", yesterday, "web", Does.TLS_1_0)
          .sawNamed("10.1.2.4", yesterday, "web", "Büro\u001b[31m\u202eexe")
          .refused("10.1.2.4", yesterday, "mail", OriginReply.BAD_CREDENTIALS)
          .write()
          .inventory()
          .write(
              List.of(
                  new NotesChange(
                      "10.1.2.3",
                      DeviceNotes.NONE,
                      DeviceNotes.NONE.with(
                          Map.of(
                              "owner", "it@contoso.com",
                              "place", "2nd floor",
                              "tags", "printers vip",
                              "note", "=1+1")))));
    }
  }

  private CommandRun devices(String... more) {
    return CommandRun.of(
        Stream.concat(Stream.of("devices", "--config", config), Stream.of(more))
            .toArray(String[]::new));
  }

  @Test
  void showsLettersOfAnyLanguageAndEscapesControlCharacters() {
    CommandRun run = devices();
    assertThat(run.err()).isEmpty();
    assertThat(run.out()).contains("Büro\\x1b[31m\\u202eexe", "2 devices: 2 too_old");
  }

  @Test
  void showsARefusalByTheOriginAsTheLatestFailure() {
    assertThat(devices("--search", "10.1.2.4").out())
        .containsPattern("10\\.1\\.2\\.4 .* 535 5\\.7\\.3\\s");
  }

  @Test
  void countsOnceInTheSingular() {
    assertThat(devices("10.1.2.3").out()).contains("(1 time, last ");
    assertThat(devices("--search", "10.1.2.3").out()).contains("1 device: 1 too_old");
  }

  @ParameterizedTest
  @CsvSource({
    "--owner,CONTOSO,10.1.2.3",
    "--place,2nd,10.1.2.3",
    "--tag,vip,10.1.2.3",
    "--problem,535 5.7.3,10.1.2.4",
    "--reply,535 5.7.3,10.1.2.4"
  })
  void filtersByWhatPeopleWroteAndByProblems(String option, String value, String found) {
    assertThat(devices(option, value).out())
        .contains(found, "1 device: ")
        .doesNotContain(found.equals("10.1.2.3") ? "10.1.2.4" : "10.1.2.3");
    assertThat(devices(option, "nothing").out()).contains("0 devices");
  }

  @Test
  void showsAndExportsWhatPeopleWrote() {
    assertThat(devices("10.1.2.3").out())
        .contains("owner        it@contoso.com", "tags         printers vip");
    assertThat(devices("--csv", "--sort", "owner", "--descending").out())
        .contains(",destinations,owner,place,tags,note")
        .contains(",it@contoso.com,2nd floor,printers vip,'=1+1");
    assertThat(devices("--json").out())
        .contains("\"tags\" : [ \"printers\", \"vip\" ]", "\"place\" : \"2nd floor\"");
  }

  @ParameterizedTest
  @ValueSource(strings = {"--tag vip", "--reply 250"})
  void refusesNewFiltersForOneDevice(String option) {
    assertThat(devices(("10.1.2.3 " + option).split(" ")).exit()).isEqualTo(2);
  }

  @ParameterizedTest
  @ValueSource(strings = {"--verdict ready", "--limit 5", "--descending", "--sort name"})
  void refusesOptionsWithoutEffectOnOneDevice(String option) {
    CommandRun run = devices(("10.1.2.3 " + option).split(" "));
    assertThat(run.exit()).isEqualTo(2);
    assertThat(run.err())
        .startsWith(option.substring(0, (option + " ").indexOf(" ")) + ": ")
        .contains("remove it");
    assertThat(run.out()).isEmpty();
  }

  @ParameterizedTest
  @ValueSource(strings = {"0", "-1"})
  void refusesToListNothing(String limit) {
    CommandRun run = devices("--limit", limit);
    assertThat(run.exit()).isEqualTo(2);
    assertThat(run.err()).startsWith("--limit: got '" + limit + "'; expected 1 or more");
  }

  @Test
  void reportsAnErrorWithoutThePageOfHelp() {
    for (Map.Entry<String, String> each :
        Map.of(
                "--sort", "--sort: got 'x'; expected address, ",
                "--subnet", "--subnet: got 'x': ",
                "--verdict", "--verdict: got 'x'; expected needs_upgrade, ",
                "--subnets", "Unknown option: '--subnets'")
            .entrySet()) {
      CommandRun run = devices(each.getKey(), "x");
      assertThat(run.exit()).isEqualTo(2);
      assertThat(run.err())
          .startsWith(each.getValue())
          .endsWith(
              "'tls-uplift devices --help' lists the options and commands"
                  + System.lineSeparator());
      assertThat(run.err().lines().count()).isLessThan(4);
    }
  }

  @Test
  void explainsWhyTheInventoryCannotBeRead() throws Exception {
    Path file = folder.resolve("data").resolve("inventory.db");
    Files.writeString(file, "no database at all, ".repeat(50));
    CommandRun run = devices();
    assertThat(run.exit()).isEqualTo(1);
    assertThat(run.err())
        .startsWith("the inventory cannot be read: " + file)
        .contains("is not a database");
    assertThat(run.err().lines()).hasSize(1);
  }
}
