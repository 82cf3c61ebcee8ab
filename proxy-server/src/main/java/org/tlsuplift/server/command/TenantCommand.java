package org.tlsuplift.server.command;

import org.tlsuplift.server.terminal.CommandGroup;
import picocli.CommandLine;
import picocli.CommandLine.Command;

/** Groups the commands for the sign-in at a tenant of Microsoft 365. */
@Command(
    name = "tenant",
    header =
        "Connect a tenant of Microsoft 365 for sign-in, check each step, and revoke its access.")
final class TenantCommand extends CommandGroup {
  static CommandLine line() {
    return new CommandLine(new TenantCommand())
        .addSubcommand(new TenantSetupCommand())
        .addSubcommand(new TenantCheckCommand())
        .addSubcommand(new TenantRevokeCommand());
  }
}
