package org.tlsuplift.server.command.console;

import java.io.PrintWriter;
import java.io.StringWriter;
import java.util.function.BooleanSupplier;
import org.tlsuplift.proxy.accept.BindFailedException;
import org.tlsuplift.proxy.outcome.OperatorException;
import org.tlsuplift.server.admin.AdminBindException;
import org.tlsuplift.server.backup.BackupException;
import org.tlsuplift.server.config.binding.InvalidConfigException;
import org.tlsuplift.server.daemon.process.StartFailedException;
import org.tlsuplift.server.demo.DemoFailedException;
import org.tlsuplift.server.doctor.probe.ProbeFailedException;
import org.tlsuplift.server.log.Printable;
import org.tlsuplift.server.microsoft365.UnusableListException;
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
    boolean expected = isExpected(failure);
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

  /** Whether its message is written for operators. */
  public static boolean isExpected(Exception failure) {
    return failure instanceof OperatorException
        || failure instanceof AdminBindException
        || failure instanceof BindFailedException
        || failure instanceof StartFailedException
        || failure instanceof DemoFailedException
        || failure instanceof ProbeFailedException
        || failure instanceof UnusableListException
        || failure instanceof BackupException
        || failure instanceof CommandFailedException;
  }
}
