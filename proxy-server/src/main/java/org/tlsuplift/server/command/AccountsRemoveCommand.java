package org.tlsuplift.server.command;

import java.util.List;
import java.util.Locale;
import java.util.concurrent.Callable;
import java.util.function.Predicate;
import org.tlsuplift.server.config.SignInConfig;
import org.tlsuplift.server.config.accounts.AccountsEditor;
import org.tlsuplift.server.config.accounts.AccountsFile;
import org.tlsuplift.server.config.load.LoadedConfig;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Parameters;

/** Removes an account from the file of accounts. */
@Command(
    name = "remove",
    header = "Remove an account from signIn.accountsFile; sessions that run go on.")
final class AccountsRemoveCommand implements Callable<Integer> {
  @Mixin private final ConfigOption config = new ConfigOption();
  @Mixin private final CommandOutput commandOutput = new CommandOutput();

  @Parameters(
      paramLabel = "LOGIN",
      description = "Its login; for accounts without one, the address of their mailbox.")
  private String which = "";

  @Override
  public Integer call() throws Exception {
    LoadedConfig loaded = config.load();
    AccountsEditor editor = ConfiguredSignIn.editor(loaded);
    SignInConfig signIn = ConfiguredSignIn.of(loaded);
    List<SignInConfig.Account> now =
        signIn.accountsFile() == null
            ? List.of()
            : AccountsFile.read(signIn.accountsFile(), signIn.accounts());
    if (now.stream().noneMatch(meant())) {
      throw new CommandFailedException(
          "no account in "
              + signIn.accountsFile()
              + " has the login '"
              + which
              + "', or none and that mailbox"
              + (signIn.accounts().stream().anyMatch(meant())
                  ? "; it is in " + loaded.source() + ", which you change by hand"
                  : "; see 'tls-uplift accounts list'"));
    }
    AccountsEditor.Changed changed = editor.remove(meant());
    commandOutput.line(
        "removed; %s in %s now".formatted(changed.thereAre(), signIn.accountsFile()));
    tellOfComments(changed, commandOutput);
    return 0;
  }

  private Predicate<SignInConfig.Account> meant() {
    String login = which.toLowerCase(Locale.ROOT);
    return account ->
        account.login() == null
            ? account.mailbox().equalsIgnoreCase(which)
            : account.login().equals(login);
  }

  static void tellOfComments(AccountsEditor.Changed changed, CommandOutput commandOutput) {
    if (!changed.commentsKept()) {
      commandOutput.line(
          "its layout could not be kept: it was written anew, and comments in it are gone");
    }
  }
}
