package org.tlsuplift.server.terminal;

import java.util.concurrent.Callable;
import org.tlsuplift.server.command.text.CommandFailures;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;

/** A command that needs a subcommand; without one, it prints its usage. */
@Command(synopsisSubcommandLabel = "COMMAND")
public abstract class CommandGroup implements Callable<Integer> {
  @Mixin private final CommandOutput commandOutput = new CommandOutput();

  @Override
  public final Integer call() {
    CommandLine line = commandOutput.commandLine();
    line.usage(line.getErr());
    return CommandFailures.CONFIGURATION;
  }
}
