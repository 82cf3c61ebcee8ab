package org.tlsuplift.server.command.ca;

import java.util.concurrent.Callable;
import org.tlsuplift.server.command.console.CommandOutput;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;

/** Groups the commands about the certificate authority. */
@Command(
    name = "ca",
    header = "Show, export or replace the certificate authority that devices must trust.",
    description = {
      "To replace it without a gap: 'ca stage' makes the next CA, 'ca export' writes both certificates"
          + " for the devices, and 'ca activate' signs with the next CA as soon as the devices have"
          + " it. 'ca undo' goes back. 'ca retire' erases the old key at the end."
    },
    synopsisSubcommandLabel = "COMMAND")
public final class CaCommand implements Callable<Integer> {
  @Mixin private final CommandOutput commandOutput = new CommandOutput();

  @Override
  public Integer call() {
    return commandOutput.usage();
  }
}
