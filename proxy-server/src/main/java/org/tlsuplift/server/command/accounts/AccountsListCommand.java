package org.tlsuplift.server.command.accounts;

import java.util.List;
import java.util.concurrent.Callable;
import org.tlsuplift.server.command.console.CommandOutput;
import org.tlsuplift.server.command.console.ConfigOption;
import org.tlsuplift.server.command.console.ConfigText;
import org.tlsuplift.server.command.console.SignInText;
import org.tlsuplift.server.config.ServerConfig;
import org.tlsuplift.server.config.SignInConfig;
import org.tlsuplift.server.config.accounts.AccountsFile;
import org.tlsuplift.server.config.load.LoadedConfig;
import org.tlsuplift.server.daemon.signin.TokenSource;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;

@Command(
    name = "list",
    header =
        "List all accounts: login, mailbox, devices, sign-in at the origin and senders, but no passwords.")
final class AccountsListCommand implements Callable<Integer> {
  private static final String ROW = "%-24s %-32s %-28s %-28s %s";

  @Mixin private final ConfigOption config = new ConfigOption();
  @Mixin private final CommandOutput commandOutput = new CommandOutput();

  @Override
  public Integer call() throws Exception {
    LoadedConfig loaded = config.load();
    SignInConfig signIn = ConfiguredSignIn.of(loaded);
    List<SignInConfig.Account> all = AccountsFile.all(signIn);
    commandOutput.line(
        ROW.formatted("login", "mailbox", "devices", "signs in as", "may send as").stripTrailing());
    for (SignInConfig.Account account : all) {
      commandOutput.line(
          ROW.formatted(
                  account.login() == null ? "(none)" : account.login(),
                  account.mailbox()
                      + (awaitsSomebody(loaded.config(), signIn, account)
                          ? " (not signed in)"
                          : ""),
                  account.devices().isEmpty() ? "anywhere" : ConfigText.commas(account.devices()),
                  SignInText.access(signIn, account),
                  account.allowedSenders().isEmpty()
                      ? "what the origin allows"
                      : ConfigText.commas(account.allowedSenders()))
              .stripTrailing());
    }
    return 0;
  }

  private static boolean awaitsSomebody(
      ServerConfig config, SignInConfig signIn, SignInConfig.Account account) {
    return signIn
        .tenantOf(account)
        .filter(tenant -> new TokenSource(config, tenant).awaitsSomebody(account.mailbox()))
        .isPresent();
  }
}
