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
    return commandOutput.usage();
  }

  /** Hashes a password for the configuration. */
  @Command(
      name = "hash",
      header = "Print a password as Argon2id, for 'passwordHash'.",
      description =
          "Asks for it twice at a terminal; else its first line is read from standard input.")
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
