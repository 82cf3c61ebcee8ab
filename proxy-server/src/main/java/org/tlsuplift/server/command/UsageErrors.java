package org.tlsuplift.server.command;

import java.io.PrintWriter;
import org.tlsuplift.server.log.Printable;
import picocli.CommandLine;
import picocli.CommandLine.IParameterExceptionHandler;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.UnmatchedArgumentException;

/** Says what is wrong with a command line, in few lines: a page of help would hide it. */
final class UsageErrors implements IParameterExceptionHandler {
  @Override
  public int handleParseException(ParameterException wrong, String[] arguments) {
    CommandLine line = wrong.getCommandLine();
    PrintWriter err = line.getErr();
    err.println(Printable.lines(String.valueOf(wrong.getMessage())));
    UnmatchedArgumentException.printSuggestions(wrong, err);
    err.println("'" + line.getCommandSpec().qualifiedName() + " --help' tells what there is");
    err.flush();
    return CommandFailures.CONFIGURATION;
  }
}
