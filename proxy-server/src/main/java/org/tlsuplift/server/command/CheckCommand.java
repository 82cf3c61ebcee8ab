package org.tlsuplift.server.command;

import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import org.tlsuplift.proxy.outcome.OperatorException;
import org.tlsuplift.server.command.text.CommandFailures;
import org.tlsuplift.server.command.text.ConfigOption;
import org.tlsuplift.server.config.ConfigLoader;
import org.tlsuplift.server.config.LoadedConfig;
import org.tlsuplift.server.config.binding.ConfigProblem;
import org.tlsuplift.server.config.binding.InvalidConfigException;
import org.tlsuplift.server.config.binding.Position;
import org.tlsuplift.server.mapping.ConfigDifference;
import org.tlsuplift.server.terminal.CommandOutput;
import org.tlsuplift.server.text.Json;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/** Reports every error in a configuration, or prints what the daemon would run. */
@Command(
    name = "check",
    footer =
        "%nExample:%n  tls-uplift check --against /etc/tls-uplift/tls-uplift.yaml --config"
            + " next.yaml",
    header = "Check a configuration and print what the daemon would run.",
    description = {
      "Opens no port and writes nothing. Reports all errors at once, each with its line.",
      "Exit codes: 0 the configuration is valid, 1 a file that it names cannot be used, 2 it has"
          + " errors."
    })
final class CheckCommand implements Callable<Integer> {
  @Mixin private final ConfigOption config = new ConfigOption();
  @Mixin private final CommandOutput commandOutput = new CommandOutput();

  @Option(
      names = "--json",
      description =
          "Print one JSON object: 'ok' (true or false), 'problems' and 'warnings'. Each entry has"
              + " 'message' and, where known, 'file', 'line', 'column' and 'key'. With --against,"
              + " 'changed' lists keys. The exit codes are the same.")
  private boolean json;

  @Option(
      names = "--against",
      paramLabel = "FILE",
      description =
          "Also list what a reload would change in a daemon that was started with this"
              + " configuration. Exits with 2 if the daemon would refuse the reload.")
  private @Nullable Path against;

  @Override
  public Integer call() throws Exception {
    return json ? json() : text();
  }

  /** The keys that a reload would change. */
  private List<String> changed(LoadedConfig loaded) throws InvalidConfigException {
    if (against == null) {
      return List.of();
    }
    ConfigDifference difference =
        ConfigDifference.of(ConfigLoader.load(against).config(), loaded.config());
    if (!difference.restart().isEmpty()) {
      throw loaded.invalid(difference.restart());
    }
    return difference.changed();
  }

  private int text() throws Exception {
    LoadedConfig loaded = config.load();
    List<String> changed = changed(loaded);
    ConfigCheckResult result = ConfigCheckResult.of(loaded);
    commandOutput.line("%s is valid. The daemon would run:".formatted(loaded.source()));
    result.lines().forEach(line -> commandOutput.line("  " + line));
    result
        .warnings()
        .forEach(warning -> commandOutput.line("warning: " + warning.in(loaded.source())));
    result.notes().forEach(note -> commandOutput.line("note: " + note));
    if (against != null) {
      commandOutput.line(
          "a reload would change: " + (changed.isEmpty() ? "no key" : String.join(", ", changed)));
    }
    return 0;
  }

  private int json() throws Exception {
    try {
      LoadedConfig loaded = config.load();
      List<String> changed = changed(loaded);
      print(List.of(), ConfigCheckResult.of(loaded).warnings(), against == null ? null : changed);
      return 0;
    } catch (OperatorException failure) {
      print(
          failure instanceof InvalidConfigException invalid
              ? invalid.problems()
              : List.of(new ConfigProblem("", failure.getMessage(), "", "")),
          List.of(),
          null);
      return CommandFailures.exitCode(failure);
    }
  }

  private void print(
      List<ConfigProblem> problems, List<ConfigProblem> warnings, @Nullable List<String> changed)
      throws IOException {
    commandOutput.lines(
        Json.INDENTED.writeValueAsString(
            new Result(problems.isEmpty(), entries(problems), entries(warnings), changed)));
  }

  private List<Entry> entries(List<ConfigProblem> problems) {
    return problems.stream()
        .map(
            problem -> {
              Position position = problem.position();
              return new Entry(
                  config.file(),
                  position == null ? null : position.line(),
                  position == null ? null : position.column(),
                  problem.path().isEmpty() ? null : problem.path(),
                  problem.message());
            })
        .toList();
  }

  private record Result(
      boolean ok, List<Entry> problems, List<Entry> warnings, @Nullable List<String> changed) {}

  private record Entry(
      @Nullable String file,
      @Nullable Integer line,
      @Nullable Integer column,
      @Nullable String key,
      String message) {}
}
