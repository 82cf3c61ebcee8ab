package org.tlsuplift.server.command;

import java.util.concurrent.Callable;
import org.tlsuplift.server.command.text.CommandOutput;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;

/** Groups the commands for the sign-in at a tenant of Microsoft 365. */
@Command(
    name = "tenant",
    header = "Connect a tenant of Microsoft 365 for sign-in, and check each step.",
    synopsisSubcommandLabel = "COMMAND")
final class TenantCommand implements Callable<Integer> {
  @Mixin private final CommandOutput commandOutput = new CommandOutput();

  static CommandLine line() {
    return new CommandLine(new TenantCommand())
        .addSubcommand(new TenantSetupCommand())
        .addSubcommand(new TenantCheckCommand());
  }

  @Override
  public Integer call() {
    return commandOutput.usage();
  }
}
