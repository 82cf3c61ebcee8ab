package org.tlsuplift.server.command.text;

import java.io.PrintWriter;
import java.io.StringWriter;
import java.util.function.BooleanSupplier;
import org.tlsuplift.proxy.outcome.OperatorException;
import org.tlsuplift.server.config.binding.InvalidConfigException;
import org.tlsuplift.server.feature.Explained;
import org.tlsuplift.server.text.Printable;
import picocli.CommandLine;
import picocli.CommandLine.IExecutionExceptionHandler;
import picocli.CommandLine.ParseResult;

/** Turns each failure into a line for the operator and an exit code. */
public final class CommandFailures implements IExecutionExceptionHandler {
  /** The daemon or the command failed. */
  static final int RUNTIME = 1;

  /** The command line or the configuration has errors. */
  public static final int CONFIGURATION = 2;

  private final BooleanSupplier verbose;

  /** Prints stack traces of expected failures too, while {@code verbose} is true. */
  public CommandFailures(BooleanSupplier verbose) {
    this.verbose = verbose;
  }

  @Override
  public int handleExecutionException(Exception failure, CommandLine line, ParseResult parsed) {
    PrintWriter err = line.getErr();
    boolean expected = failure instanceof OperatorException || failure instanceof Explained;
    err.println(
        expected
            ? Printable.lines(String.valueOf(failure.getMessage()))
            : Printable.line("unexpected failure; please report it: " + failure));
    if (!expected || verbose.getAsBoolean()) {
      StringWriter trace = new StringWriter();
      failure.printStackTrace(new PrintWriter(trace, true));
      trace.toString().lines().map(CommandFailures::traceLine).forEach(err::println);
    }
    err.flush();
    return exitCode(failure);
  }

  public static int exitCode(Exception failure) {
    return failure instanceof InvalidConfigException ? CONFIGURATION : RUNTIME;
  }

  private static String traceLine(String line) {
    String frame = line.stripLeading();
    return line.substring(0, line.length() - frame.length()) + Printable.line(frame);
  }
}
