package org.tlsuplift.server.command;

import java.util.Collection;
import java.util.LinkedHashSet;
import java.util.stream.Collectors;
import org.junit.jupiter.api.Test;
import org.tlsuplift.server.testing.GeneratedPage;
import picocli.CommandLine;
import picocli.CommandLine.Help.Ansi;
import picocli.CommandLine.Model.UsageMessageSpec;

/** Writes the manual's page about commands from the help that they print. */
class CommandsPageTest {
  private static final int WIDTH = 90;

  private static final String HEAD =
      """
      # Commands

      This page shows the help of every command. `tls-uplift COMMAND --help` prints the same.

      Without the command `tls-uplift`, write `java -jar tls-uplift.jar` in its place.
      """;

  @Test
  void thePageOfTheManualIsTheHelpOfAllCommands() throws Exception {
    StringBuilder page = new StringBuilder(HEAD);
    describe(UpliftCommand.line(CommandRun.NEVER), page);
    GeneratedPage.check("commands", page.toString(), CommandsPageTest.class);
  }

  private static void describe(CommandLine line, StringBuilder page) {
    UsageMessageSpec usage = line.getCommandSpec().usageMessage();
    usage.autoWidth(false).width(WIDTH);
    String help = line.getUsageMessage(Ansi.OFF);
    page.append("\n## ")
        .append(line.getCommandSpec().qualifiedName())
        .append("\n\n```text\n")
        .append(help.lines().map(String::stripTrailing).collect(Collectors.joining("\n")))
        .append("\n```\n");
    subcommands(line).forEach(each -> describe(each, page));
  }

  /** Each once, and those of {@code --help} only if they do something. */
  private static Collection<CommandLine> subcommands(CommandLine line) {
    Collection<CommandLine> shown = new LinkedHashSet<>(line.getSubcommands().values());
    shown.removeIf(each -> each.getCommandSpec().usageMessage().hidden());
    return shown;
  }
}
