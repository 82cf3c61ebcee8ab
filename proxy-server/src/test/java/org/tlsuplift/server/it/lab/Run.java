package org.tlsuplift.server.it.lab;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * A program that ran to its end.
 *
 * @param command how it was called
 * @param exit its exit code
 * @param output what it printed, both streams
 */
public record Run(String command, int exit, String output) {
  /** Runs a program that is told nothing. */
  public static Run of(List<String> command) {
    return of(command, Map.of(), "");
  }

  /** Runs a program; its standard input stays open after the text, so that it waits for answers. */
  public static Run of(List<String> command, Map<String, String> environment, String input) {
    ProcessBuilder program = new ProcessBuilder(command);
    program.environment().putAll(environment);
    return of(program, input);
  }

  /** Runs a program that is told nothing more than what it was set up with. */
  public static Run of(ProcessBuilder program) {
    return of(program, "");
  }

  private static Run of(ProcessBuilder program, String input) {
    // What a laptop has set for its own network must not get between device and proxy.
    program
        .environment()
        .keySet()
        .removeIf(name -> name.toLowerCase(Locale.ROOT).endsWith("_proxy"));
    try (Child child = Child.start(program)) {
      if (!input.isEmpty()) {
        child.type(input);
      }
      int exit = child.awaitExit();
      return new Run(String.join(" ", program.command()), exit, child.output());
    }
  }

  /** Fails unless the program ended with 0. */
  public Run succeeded() {
    assertThat(exit).as(toString()).isZero();
    return this;
  }

  /** The first group of the first match; fails when there is none. */
  public String find(Pattern pattern) {
    Matcher matcher = pattern.matcher(output);
    assertThat(matcher.find()).as("%s in %s", pattern, this).isTrue();
    return matcher.group(1);
  }

  @Override
  public String toString() {
    return command + "\nexit " + exit + "\n" + output;
  }
}
