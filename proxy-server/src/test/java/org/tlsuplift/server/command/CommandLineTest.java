package org.tlsuplift.server.command;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import org.tlsuplift.server.command.text.LogLevels;
import org.tlsuplift.server.process.Version;
import picocli.CommandLine;

/** Help, versions and wrong usage. */
class CommandLineTest {
  @Test
  void showsItsCommandsAndExitsWith2WithoutACommand() {
    CommandRun run = CommandRun.of();
    assertThat(run.exit()).isEqualTo(2);
    assertThat(run.err()).contains("run ", "check ", "demo ", "ca ", "probe ", "health ");
    assertThat(run.out()).isEmpty();
  }

  @Test
  void showsTheCommandsOfCaAndExitsWith2WithoutACommand() {
    CommandRun run = CommandRun.of("ca");
    assertThat(run.exit()).isEqualTo(2);
    assertThat(run.err())
        .contains("show ", "export ", "stage ", "activate ", "undo ", "retire ")
        .doesNotContain("rotate");
  }

  @Test
  void printsTheVersions() {
    CommandRun run = CommandRun.of("--version");
    assertThat(run.exit()).isZero();
    Version version = Version.current();
    assertThat(Stream.of(version.number(), version.netty(), version.tcnative()))
        .allMatch(number -> number.matches("\\d+\\.\\d+.*"))
        .allMatch(run.out()::contains);
    assertThat(run.out()).startsWith("tls-uplift ").contains("BoringSSL", "Java ");
  }

  @ParameterizedTest
  @ValueSource(strings = {"run", "check", "demo", "ca", "probe", "health"})
  void explainsEachCommand(String command) {
    CommandRun run = CommandRun.of(command, "--help");
    assertThat(run.exit()).isZero();
    assertThat(run.out()).contains("Usage: tls-uplift " + command).contains("Exit codes:");
    assertThat(run.err()).isEmpty();
  }

  @Test
  void eachCommandHasAnExampleThatItUnderstands() {
    List<CommandLine> commands = leaves(UpliftCommand.line(CommandRun.NEVER)).toList();
    assertThat(commands).hasSizeGreaterThan(40);
    for (CommandLine command : commands) {
      String name = command.getCommandSpec().qualifiedName();
      String footer = String.join("", command.getCommandSpec().usageMessage().footer());
      List<String> examples =
          footer.formatted().lines().filter(line -> line.startsWith("  tls-uplift ")).toList();
      assertThat(examples).as(name).isNotEmpty();
      for (String example : examples) {
        String[] words = example.strip().replaceFirst(" >.*", "").split(" ", -1);
        CommandLine.ParseResult parsed =
            UpliftCommand.line(CommandRun.NEVER)
                .parseArgs(Arrays.copyOfRange(words, 1, words.length));
        while (parsed.hasSubcommand()) {
          parsed = parsed.subcommand();
        }
        assertThat(parsed.commandSpec().qualifiedName()).as(example).isEqualTo(name);
      }
    }
  }

  private static Stream<CommandLine> leaves(CommandLine line) {
    return line.getCommandSpec().usageMessage().hidden()
        ? Stream.empty()
        : line.getSubcommands().isEmpty()
            ? Stream.of(line)
            : line.getSubcommands().values().stream().flatMap(CommandLineTest::leaves).distinct();
  }

  @Test
  void daemonLauncherHasTheRunCommandOnly() {
    CommandLine all = UpliftCommand.line(CommandRun.NEVER);
    CommandLine own = UpliftCommand.line(CommandRun.NEVER, "run", "--watch");
    assertThat(own.getSubcommands()).containsOnlyKeys("run");
    assertThat(own.getSubcommands().get("run").getUsageMessage())
        .isEqualTo(all.getSubcommands().get("run").getUsageMessage());
    assertThat(UpliftCommand.line(CommandRun.NEVER, "check", "run").getSubcommands())
        .hasSameSizeAs(all.getSubcommands());
  }

  @Test
  void keepsHelpWithin80Columns() {
    assertThat(CommandRun.of("probe", "--help").out().lines())
        .allMatch(line -> line.length() <= 80);
  }

  @ParameterizedTest
  @ValueSource(strings = {"walk", "--nonsense", "run --config", "check a b"})
  void refusesUnknownAndIncompleteArguments(String arguments) {
    CommandRun run = CommandRun.of(arguments.split(" "));
    assertThat(run.exit()).isEqualTo(2);
    assertThat(run.err()).containsPattern("Unmatched|Unknown|Missing").contains("tls-uplift");
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "run",
        "check",
        "ca show",
        "ca export",
        "ca stage",
        "ca activate",
        "ca undo",
        "ca retire",
        "health"
      })
  void namesTheConfigurationThatIsNotThere(String command) {
    String missing = Path.of("nowhere", "tls-uplift.yaml").toString();
    CommandRun run = CommandRun.of((command + " --config " + missing).split(" "));
    assertThat(run.exit()).isEqualTo(2);
    assertThat(run.err()).contains(missing, ": 1 problem", "no such file").doesNotContain("\tat ");
  }

  @Test
  void showsWhereAFailureAroseOnlyWhenAsked() {
    CommandRun run = CommandRun.of("check", "--config", "nowhere", "--verbose");
    LogLevels.normal();
    assertThat(run.exit()).isEqualTo(2);
    assertThat(run.err()).contains("\tat ");
  }
}
