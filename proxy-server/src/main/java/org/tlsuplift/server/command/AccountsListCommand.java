package org.tlsuplift.server.command;

import java.util.List;
import java.util.concurrent.Callable;
import org.tlsuplift.server.command.console.CommandOutput;
import org.tlsuplift.server.command.console.ConfigOption;
import org.tlsuplift.server.command.console.ConfigText;
import org.tlsuplift.server.config.SignInConfig;
import org.tlsuplift.server.config.accounts.AccountsFile;
import org.tlsuplift.server.config.load.LoadedConfig;
import org.tlsuplift.server.daemon.TokenSource;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;

@Command(
    name = "list",
    header = "List all accounts: login, mailbox, devices and senders, but no passwords.")
final class AccountsListCommand implements Callable<Integer> {
  private static final String ROW = "%-24s %-32s %-28s %s";

  @Mixin private final ConfigOption config = new ConfigOption();
  @Mixin private final CommandOutput commandOutput = new CommandOutput();

  @Override
  public Integer call() throws Exception {
    LoadedConfig loaded = config.load();
    SignInConfig signIn = ConfiguredSignIn.of(loaded);
    List<SignInConfig.Account> all = AccountsFile.all(signIn);
    TokenSource tokens = new TokenSource(loaded.config(), signIn);
    commandOutput.line(ROW.formatted("login", "mailbox", "devices", "may send as").stripTrailing());
    for (SignInConfig.Account account : all) {
      commandOutput.line(
          ROW.formatted(
                  account.login() == null ? "(none)" : account.login(),
                  account.mailbox()
                      + (tokens.awaitsSomebody(account.mailbox()) ? " (not signed in)" : ""),
                  account.devices().isEmpty() ? "anywhere" : ConfigText.commas(account.devices()),
                  account.allowedSenders().isEmpty()
                      ? "what Microsoft 365 allows"
                      : ConfigText.commas(account.allowedSenders()))
              .stripTrailing());
    }
    return 0;
  }
}
