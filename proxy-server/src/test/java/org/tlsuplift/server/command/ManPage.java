package org.tlsuplift.server.command;

import java.util.Arrays;
import java.util.List;
import java.util.stream.Collectors;
import picocli.CommandLine;
import picocli.CommandLine.Help.Ansi;
import picocli.CommandLine.Model.ArgSpec;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Model.OptionSpec;
import picocli.CommandLine.Model.UsageMessageSpec;

/**
 * A man page (man(7)) from the help of a command.
 *
 * @param text the page in roff
 */
record ManPage(String name, String text) {
  /**
   * The page of a command.
   *
   * @param version of the program
   * @param day of the build, such as 2026-11-26
   */
  static ManPage of(CommandLine line, String version, String day) {
    CommandSpec spec = line.getCommandSpec();
    UsageMessageSpec usage = spec.usageMessage();
    String name = spec.qualifiedName("-");
    StringBuilder page = new StringBuilder();
    page.append(
        ".TH \"%s\" \"1\" \"%s\" \"tls-uplift %s\" \"TLS Uplift\"%n"
            .formatted(escaped(name).toUpperCase(java.util.Locale.ROOT), day, escaped(version)));
    // No hyphens in words, which would be copied; text flush left only.
    page.append(".nh\n.ad l\n");
    section(page, "NAME", escaped(name) + " \\- " + escaped(lines(usage.header())));
    // The synopsis has its own line breaks.
    usage.autoWidth(false).width(76);
    String synopsis = line.getHelp().synopsis(0).strip().replaceAll("(?m)^\\s+", "    ");
    section(page, "SYNOPSIS", ".nf\n" + escaped(synopsis) + "\n.fi");
    if (usage.description().length > 0) {
      section(page, "DESCRIPTION", paragraphs(usage.description()));
    }
    options(page, spec);
    subcommands(page, line);
    if (!usage.exitCodeList().isEmpty()) {
      page.append(".SH \"EXIT STATUS\"\n");
      usage.exitCodeList().forEach((code, meaning) -> entry(page, bold(code), meaning));
    }
    if (usage.footer().length > 0) {
      section(page, "EXAMPLE", ".nf\n" + escaped(example(usage.footer())) + "\n.fi");
    }
    CommandLine parent = line.getParent();
    section(
        page,
        "SEE ALSO",
        parent == null
            ? "The manual: " + bold("tls-uplift manual")
            : bold(parent.getCommandSpec().qualifiedName("-")) + "(1)");
    return new ManPage(name, page.toString());
  }

  private static void options(StringBuilder page, CommandSpec spec) {
    page.append(".SH \"OPTIONS\"\n");
    spec.positionalParameters().stream()
        .filter(each -> !each.hidden())
        .forEach(each -> entry(page, italic(each.paramLabel()), description(each)));
    for (OptionSpec option : spec.options()) {
      if (!option.hidden()) {
        String names =
            Arrays.stream(option.names()).map(ManPage::bold).collect(Collectors.joining(", "));
        String value = option.arity().max() == 0 ? "" : " " + italic(option.paramLabel());
        entry(page, names + value, description(option));
      }
    }
  }

  private static void subcommands(StringBuilder page, CommandLine line) {
    List<CommandLine> shown =
        line.getSubcommands().values().stream()
            .distinct()
            .filter(each -> !each.getCommandSpec().usageMessage().hidden())
            .toList();
    if (!shown.isEmpty()) {
      page.append(".SH \"COMMANDS\"\n");
      shown.forEach(
          each ->
              entry(
                  page,
                  bold(each.getCommandSpec().qualifiedName("-")) + "(1)",
                  lines(each.getCommandSpec().usageMessage().header())));
    }
  }

  /** Picocli has formatted it already. */
  private static String description(ArgSpec argument) {
    return String.join(" ", argument.description());
  }

  private static String example(String[] footer) {
    return Arrays.stream(footer)
        .map(String::formatted)
        .collect(Collectors.joining("\n"))
        .strip()
        .replaceFirst("(?s)^Examples?:\\s*\n\\s*", "");
  }

  private static String paragraphs(String[] texts) {
    return Arrays.stream(texts)
        .map(text -> escaped(formatted(text)))
        .collect(Collectors.joining("\n.PP\n"));
  }

  private static String lines(String[] texts) {
    return Arrays.stream(texts).map(ManPage::formatted).collect(Collectors.joining(" "));
  }

  private static String formatted(String text) {
    return Ansi.OFF.string(text.formatted());
  }

  private static void section(StringBuilder page, String heading, String text) {
    page.append(".SH \"").append(heading).append("\"\n").append(text).append('\n');
  }

  private static void entry(StringBuilder page, String term, String text) {
    page.append(".TP\n").append(term).append('\n').append(escaped(text)).append('\n');
  }

  private static String bold(String text) {
    return "\\fB" + escaped(text) + "\\fR";
  }

  private static String italic(String text) {
    return "\\fI" + escaped(text) + "\\fR";
  }

  /** Text in which roff finds no request (groff_char(7)). */
  private static String escaped(String text) {
    return text.replace("\\", "\\e")
        .replace("-", "\\-")
        .replace("'", "\\(aq")
        .replaceAll("(?m)^\\.", "\\\\&.");
  }
}
