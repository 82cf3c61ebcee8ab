package org.tlsuplift.server.command;

import java.io.File;
import java.nio.file.Path;
import java.util.Map;
import java.util.TreeSet;
import picocli.CommandLine;
import picocli.CommandLine.Model.OptionSpec;
import picocli.CommandLine.Model.UsageMessageSpec;

/**
 * The completion for fish from the help of the commands. picocli writes one for bash only, which
 * zsh can use.
 */
final class FishCompletion {
  private static final String HEAD =
      """
      # Completion of tls-uplift for fish.

      # Whether the words before the cursor that are commands are these.
      function __tls_uplift_at
          set -l words
          for each in (commandline -opc)[2..-1]
              if contains -- $each %s
                  set -a words $each
              end
          end
          test "$words" = "$argv"
      end

      complete -c tls-uplift -f
      """;

  private final StringBuilder text = new StringBuilder();
  private final TreeSet<String> names = new TreeSet<>();

  private FishCompletion() {}

  static String of(CommandLine line) {
    FishCompletion completion = new FishCompletion();
    completion.describe(line, "");
    return HEAD.formatted(String.join(" ", completion.names)) + completion.text;
  }

  private void describe(CommandLine line, String path) {
    line.getCommandSpec().options().stream()
        .filter(option -> !option.hidden())
        .forEach(option -> option(path, option));
    for (Map.Entry<String, CommandLine> each : line.getSubcommands().entrySet()) {
      UsageMessageSpec usage = each.getValue().getCommandSpec().usageMessage();
      if (!usage.hidden()) {
        names.add(each.getKey());
        complete(path, "-a " + each.getKey(), sentence(usage.header()));
        describe(each.getValue(), path.isEmpty() ? each.getKey() : path + " " + each.getKey());
      }
    }
  }

  private void option(String path, OptionSpec option) {
    StringBuilder arguments = new StringBuilder();
    for (String name : option.names()) {
      arguments.append(arguments.isEmpty() ? "" : " ");
      arguments.append(
          name.startsWith("--") ? "-l " + name.substring(2) : "-s " + name.substring(1));
    }
    if (option.arity().max() > 0) {
      arguments.append(isFile(option) ? " -r -F" : " -x");
      if (option.completionCandidates() != null) {
        arguments.append(" -a ").append(quoted(String.join(" ", option.completionCandidates())));
      }
    }
    complete(path, arguments.toString(), sentence(option.description()));
  }

  private static boolean isFile(OptionSpec option) {
    return option.type().equals(Path.class)
        || option.type().equals(File.class)
        || option.paramLabel().contains("FILE");
  }

  private void complete(String path, String arguments, String description) {
    text.append("complete -c tls-uplift -n ")
        .append(quoted(("__tls_uplift_at " + path).strip()))
        .append(' ')
        .append(arguments)
        .append(" -d ")
        .append(quoted(description))
        .append('\n');
  }

  /** The first sentence. */
  private static String sentence(String... lines) {
    String all = String.join(" ", lines).replaceAll("%n", " ").replace("%%", "%").strip();
    return all.replaceFirst("(?s)\\. .*", "").replaceFirst("\\.$", "");
  }

  private static String quoted(String text) {
    return "'" + text.replace("\\", "\\\\").replace("'", "\\'") + "'";
  }
}
