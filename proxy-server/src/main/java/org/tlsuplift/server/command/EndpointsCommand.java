package org.tlsuplift.server.command;

import org.tlsuplift.server.terminal.CommandGroup;
import picocli.CommandLine;
import picocli.CommandLine.Command;

/** Groups the commands about the endpoint list of Microsoft 365. */
@Command(
    name = "endpoints",
    header = "Show, refresh or compare the list of endpoints of Microsoft 365.",
    description = {
      "The list says which hosts the name 'microsoft365' in routes stands for. A running daemon"
          + " refreshes it by itself: see microsoft365.refresh."
    })
public final class EndpointsCommand extends CommandGroup {
  public static CommandLine line() {
    return new CommandLine(new EndpointsCommand())
        .addSubcommand(new EndpointsShowCommand())
        .addSubcommand(new EndpointsRefreshCommand())
        .addSubcommand(new EndpointsDiffCommand());
  }
}
