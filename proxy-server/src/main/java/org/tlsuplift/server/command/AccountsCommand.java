package org.tlsuplift.server.command;

import java.util.concurrent.Callable;
import org.tlsuplift.server.terminal.CommandGroup;
import org.tlsuplift.server.terminal.CommandOutput;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;

/** Groups the commands for device accounts. */
@Command(
    name = "accounts",
    header = "Manage device accounts for sign-in, and sign in for mailboxes.")
public final class AccountsCommand extends CommandGroup {
  public static CommandLine line() {
    return new CommandLine(new AccountsCommand())
        .addSubcommand(new AccountsAddCommand())
        .addSubcommand(new AccountsListCommand())
        .addSubcommand(new AccountsRemoveCommand())
        .addSubcommand(new AccountsDisableCommand())
        .addSubcommand(new AccountsDisableCommand.AccountsEnableCommand())
        .addSubcommand(new AccountsShareCommand())
        .addSubcommand(new AccountsHashCommand())
        .addSubcommand(new AccountsSignInCommand());
  }

  /** Hashes a password for the configuration. */
  @Command(
      name = "hash",
      footer = "%nExample:%n  tls-uplift accounts hash",
      header = "Print the Argon2id hash of a password, for 'passwordHash'.",
      description =
          "Prompts for the password twice on a terminal; otherwise reads it from the first line of standard input.")
  static final class AccountsHashCommand implements Callable<Integer> {
    @Mixin private final NewPassword password = new NewPassword();
    @Mixin private final CommandOutput commandOutput = new CommandOutput();

    @Override
    public Integer call() throws Exception {
      commandOutput.line(password.hash());
      return 0;
    }
  }
}
