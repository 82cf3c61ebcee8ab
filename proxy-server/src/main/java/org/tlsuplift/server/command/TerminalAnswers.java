package org.tlsuplift.server.command;

import java.io.Console;
import java.util.Map;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;
import org.tlsuplift.server.init.Terminal;
import org.tlsuplift.server.terminal.CommandOutput;
import org.tlsuplift.server.text.Printable;
import picocli.CommandLine.Model.OptionSpec;

/** The terminal of this process. */
record TerminalAnswers(Console console) implements Terminal {
  /** The given options that hold an answer, by their long names. */
  static Map<String, String> options(CommandOutput commandOutput) {
    return commandOutput.commandLine().getParseResult().matchedOptions().stream()
        .filter(option -> option.type() == String.class)
        .collect(Collectors.toMap(OptionSpec::longestName, OptionSpec::getValue));
  }

  @Override
  public void line(String text) {
    console.printf("%s%n", Printable.line(text));
  }

  @Override
  public @Nullable String ask(String prompt) {
    return console.readLine("%s", Printable.line(prompt));
  }
}
