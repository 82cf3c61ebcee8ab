package org.tlsuplift.server.terminal;

import java.io.PrintWriter;
import java.util.Objects;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;
import org.tlsuplift.server.text.Printable;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Spec;

/**
 * The output of a command. Text from devices, origins and files cannot end a line or control the
 * terminal.
 */
@Command
public final class CommandOutput {
  @Spec(Spec.Target.MIXEE)
  private @Nullable CommandSpec command;

  public void line(String text) {
    print(Printable.line(text));
  }

  public void lines(String text) {
    print(Printable.lines(text));
  }

  /** Writes the program's own text unchanged, so that it can be saved as a file. */
  public void exactly(String text) {
    PrintWriter out = commandLine().getOut();
    out.print(text);
    out.flush();
  }

  /** How many characters fit on a line of the terminal. */
  public int width() {
    return commandLine().getUsageHelpWidth();
  }

  private void print(String printable) {
    PrintWriter out = commandLine().getOut();
    out.println(printable);
    out.flush();
  }

  /** Refuses the command line and prints the usage. */
  public ParameterException wrong(String what) {
    return new ParameterException(commandLine(), what);
  }

  /** Parses the value of an option. The message of a parser's failure follows the option's name. */
  public <T> T parsed(String option, Supplier<T> parser) {
    try {
      return parser.get();
    } catch (IllegalArgumentException wrong) {
      throw wrong(option + ": " + wrong.getMessage());
    }
  }

  public CommandLine commandLine() {
    return Objects.requireNonNull(command, "command").commandLine();
  }
}
