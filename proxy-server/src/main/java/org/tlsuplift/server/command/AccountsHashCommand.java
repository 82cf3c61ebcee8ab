package org.tlsuplift.server.command;

import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;

/** Hashes a password for the configuration. */
@Command(
    name = "hash",
    header = "Print a password as Argon2id, for 'passwordHash'.",
    description =
        "Asks for it twice at a terminal; else its first line is read from standard input.")
final class AccountsHashCommand implements Callable<Integer> {
  @Mixin private final NewPassword password = new NewPassword();
  @Mixin private final CommandOutput commandOutput = new CommandOutput();

  @Override
  public Integer call() throws Exception {
    commandOutput.line(password.hash());
    return 0;
  }
}
