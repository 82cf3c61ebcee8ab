package org.tlsuplift.server.command;

import java.util.List;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import org.tlsuplift.server.cluster.TokenDatabase;
import org.tlsuplift.server.command.text.ConfigOption;
import org.tlsuplift.server.command.text.ConfigText;
import org.tlsuplift.server.config.AccountsFile;
import org.tlsuplift.server.config.LoadedConfig;
import org.tlsuplift.server.config.SignInConfig;
import org.tlsuplift.server.config.SignInTenant;
import org.tlsuplift.server.daemon.TokenSource;
import org.tlsuplift.server.signin.token.TokenStoreException;
import org.tlsuplift.server.terminal.CommandOutput;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;

@Command(
    name = "list",
    footer = "%nExample:%n  tls-uplift accounts list",
    header =
        "List all accounts: login, mailbox, devices, sign-in at the origin and senders, but no passwords.")
final class AccountsListCommand implements Callable<Integer> {
  private static final String ROW = "%-24s %-32s %-28s %-28s %s";

  @Mixin private final ConfigOption config = new ConfigOption();
  @Mixin private final CommandOutput commandOutput = new CommandOutput();

  /** Why it is not known who has signed in. */
  private @Nullable String unknown;

  @Override
  public Integer call() throws Exception {
    LoadedConfig loaded = config.load();
    SignInConfig signIn = ConfiguredSignIn.of(loaded);
    List<SignInConfig.Account> all = AccountsFile.all(signIn);
    try (TokenDatabase shared = TokenSource.database(loaded.config())) {
      print(loaded, signIn, all, shared);
    }
    if (unknown != null) {
      commandOutput.line("note: " + unknown);
    }
    return 0;
  }

  private void print(
      LoadedConfig loaded,
      SignInConfig signIn,
      List<SignInConfig.Account> all,
      @Nullable TokenDatabase shared) {
    commandOutput.line(
        ROW.formatted("login", "mailbox", "devices", "signs in as", "may send as").stripTrailing());
    for (SignInConfig.Account account : all) {
      commandOutput.line(
          ROW.formatted(
                  account.login() == null ? "(none)" : account.login(),
                  account.mailbox() + signInState(loaded, signIn, account, shared),
                  account.devices().isEmpty() ? "anywhere" : ConfigText.commas(account.devices()),
                  signIn.access(account),
                  account.allowedSenders().isEmpty()
                      ? "what the origin allows"
                      : ConfigText.commas(account.allowedSenders()))
              .stripTrailing());
    }
  }

  private String signInState(
      LoadedConfig loaded,
      SignInConfig signIn,
      SignInConfig.Account account,
      @Nullable TokenDatabase shared) {
    SignInTenant tenant = signIn.tenantOf(account).orElse(null);
    if (account.disabled()) {
      return " (disabled)";
    }
    if (tenant == null) {
      return "";
    }
    try {
      return new TokenSource(loaded, tenant, shared).needsUserSignIn(account.mailbox())
          ? " (not signed in)"
          : "";
    } catch (TokenStoreException away) {
      unknown = away.getMessage();
      return " (sign-in unknown)";
    }
  }
}
