package org.tlsuplift.server.command;

import java.io.PrintWriter;
import java.util.Objects;
import org.jspecify.annotations.Nullable;
import org.tlsuplift.server.log.Printable;
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
final class CommandOutput {
  @Spec(Spec.Target.MIXEE)
  private @Nullable CommandSpec command;

  void line(String text) {
    print(Printable.line(text));
  }

  void lines(String text) {
    print(Printable.lines(text));
  }

  /** Writes a text of our own as it is, so that it can be kept as a file. */
  void exactly(String text) {
    PrintWriter out = commandLine().getOut();
    out.print(text);
    out.flush();
  }

  /** How many characters fit on a line of the terminal. */
  int width() {
    return commandLine().getUsageHelpWidth();
  }

  private void print(String printable) {
    PrintWriter out = commandLine().getOut();
    out.println(printable);
    out.flush();
  }

  /** Refuses the command line and prints the usage. */
  ParameterException wrong(String what) {
    return new ParameterException(commandLine(), what);
  }

  /** Prints the usage of a command that needs a subcommand. */
  int usage() {
    CommandLine line = commandLine();
    line.usage(line.getErr());
    return CommandFailures.CONFIGURATION;
  }

  CommandLine commandLine() {
    return Objects.requireNonNull(command, "command").commandLine();
  }
}
