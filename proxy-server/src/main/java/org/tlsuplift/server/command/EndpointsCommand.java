package org.tlsuplift.server.command;

import java.util.concurrent.Callable;
import org.tlsuplift.server.command.text.CommandOutput;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;

/** Groups the commands about the endpoint list of Microsoft 365. */
@Command(
    name = "endpoints",
    header = "Show, refresh or compare the list of endpoints of Microsoft 365.",
    description = {
      "The list says which hosts the name 'microsoft365' in routes stands for. A running daemon"
          + " refreshes it by itself: see microsoft365.refresh."
    },
    synopsisSubcommandLabel = "COMMAND")
public final class EndpointsCommand implements Callable<Integer> {
  @Mixin private final CommandOutput commandOutput = new CommandOutput();

  public static CommandLine line() {
    return new CommandLine(new EndpointsCommand())
        .addSubcommand(new EndpointsShowCommand())
        .addSubcommand(new EndpointsRefreshCommand())
        .addSubcommand(new EndpointsDiffCommand());
  }

  @Override
  public Integer call() {
    return commandOutput.usage();
  }
}
