package org.tlsuplift.server.command;

import java.util.concurrent.Callable;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;

/** Groups what concerns the accounts that devices sign in with. */
@Command(
    name = "accounts",
    header = "Add, list and remove the accounts that devices sign in with; sign mailboxes in.",
    synopsisSubcommandLabel = "COMMAND")
final class AccountsCommand implements Callable<Integer> {
  @Mixin private final CommandOutput commandOutput = new CommandOutput();

  static CommandLine line() {
    return new CommandLine(new AccountsCommand())
        .addSubcommand(new AccountsAddCommand())
        .addSubcommand(new AccountsListCommand())
        .addSubcommand(new AccountsRemoveCommand())
        .addSubcommand(new AccountsHashCommand())
        .addSubcommand(new AccountsSignInCommand());
  }

  @Override
  public Integer call() {
    CommandLine line = commandOutput.commandLine();
    line.usage(line.getErr());
    return CommandFailures.CONFIGURATION;
  }
}
