package org.tlsuplift.server.command;

import java.io.IOException;
import java.util.List;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import org.tlsuplift.server.command.console.CommandFailures;
import org.tlsuplift.server.command.console.CommandOutput;
import org.tlsuplift.server.command.console.ConfigOption;
import org.tlsuplift.server.config.load.LoadedConfig;
import org.tlsuplift.server.config.yaml.ConfigProblem;
import org.tlsuplift.server.config.yaml.InvalidConfigException;
import org.tlsuplift.server.config.yaml.Position;
import org.tlsuplift.server.json.Json;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/** Reports every error in a configuration, or prints what the daemon would run. */
@Command(
    name = "check",
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
              + " 'message' and, where known, 'file', 'line', 'column' and 'key'. The exit codes are"
              + " the same.")
  private boolean json;

  @Override
  public Integer call() throws Exception {
    return json ? json() : text();
  }

  private int text() throws Exception {
    LoadedConfig loaded = config.load();
    ConfigCheckResult result = ConfigCheckResult.of(loaded);
    commandOutput.line("%s is valid. The daemon would run:".formatted(loaded.source()));
    result.lines().forEach(line -> commandOutput.line("  " + line));
    result
        .warnings()
        .forEach(warning -> commandOutput.line("warning: " + warning.in(loaded.source())));
    result.notes().forEach(note -> commandOutput.line("note: " + note));
    return 0;
  }

  private int json() throws Exception {
    try {
      print(List.of(), ConfigCheckResult.of(config.load()).warnings());
      return 0;
    } catch (Exception failure) {
      if (!CommandFailures.isExpected(failure)) {
        throw failure;
      }
      print(
          failure instanceof InvalidConfigException invalid
              ? invalid.problems()
              : List.of(new ConfigProblem("", String.valueOf(failure.getMessage()), "", "")),
          List.of());
      return CommandFailures.exitCode(failure);
    }
  }

  private void print(List<ConfigProblem> problems, List<ConfigProblem> warnings)
      throws IOException {
    commandOutput.lines(
        Json.INDENTED.writeValueAsString(
            new Result(problems.isEmpty(), entries(problems), entries(warnings))));
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

  private record Result(boolean ok, List<Entry> problems, List<Entry> warnings) {}

  private record Entry(
      @Nullable String file,
      @Nullable Integer line,
      @Nullable Integer column,
      @Nullable String key,
      String message) {}
}
