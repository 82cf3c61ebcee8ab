package org.tlsuplift.server.command;

import java.util.concurrent.Callable;
import org.tlsuplift.server.command.text.CommandOutput;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;

/** Groups the commands for CAs. */
@Command(
    name = "ca",
    header = "Show, export or replace the certificate authority that devices must trust.",
    description = {
      "To replace it without a gap: 'ca stage' makes the next CA, and 'ca export' writes both"
          + " certificates for the devices. When the devices have the next CA, run 'ca activate'"
          + " to sign with it. 'ca undo' goes back. At the end, 'ca retire' erases the old key."
    },
    synopsisSubcommandLabel = "COMMAND")
public final class CaCommand implements Callable<Integer> {
  @Mixin private final CommandOutput commandOutput = new CommandOutput();

  @Override
  public Integer call() {
    return commandOutput.usage();
  }
}
