package org.tlsuplift.server.command;

import java.util.List;
import java.util.Locale;
import java.util.concurrent.Callable;
import java.util.function.Predicate;
import java.util.stream.Collectors;
import org.tlsuplift.proxy.outcome.OperatorException;
import org.tlsuplift.server.audit.AuditRecord.Change;
import org.tlsuplift.server.command.text.CommandOutput;
import org.tlsuplift.server.command.text.ConfigOption;
import org.tlsuplift.server.config.AccountsEditor;
import org.tlsuplift.server.config.AccountsFile;
import org.tlsuplift.server.config.LoadedConfig;
import org.tlsuplift.server.config.SignInConfig;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Parameters;

@Command(
    name = "remove",
    header = "Remove an account from signIn.accountsFile; a running daemon ends its sessions.")
final class AccountsRemoveCommand implements Callable<Integer> {
  @Mixin private final ConfigOption config = new ConfigOption();
  @Mixin private final CommandOutput commandOutput = new CommandOutput();

  @Parameters(
      paramLabel = "LOGIN",
      description = "The login of the account; without a login, the address of its mailbox.")
  private String which = "";

  @Override
  public Integer call() throws Exception {
    LoadedConfig loaded = config.load();
    AccountsEditor editor = ConfiguredSignIn.editor(loaded);
    SignInConfig signIn = ConfiguredSignIn.of(loaded);
    List<SignInConfig.Account> now =
        signIn.accountsFile() == null
            ? List.of()
            : AccountsFile.read(signIn.accountsFile(), signIn);
    if (now.stream().noneMatch(meant())) {
      throw new OperatorException(
          "no account in "
              + signIn.accountsFile()
              + " has the login '"
              + which
              + "' or, without a login, that mailbox"
              + (signIn.accounts().stream().anyMatch(meant())
                  ? "; it is in " + loaded.source() + ": edit that file"
                  : "; see 'tls-uplift accounts list'"));
    }
    AccountsEditor.Changed changed = editor.remove(meant());
    CommandAudit.record(
        commandOutput,
        loaded.config().dataDirectory(),
        "accounts.remove",
        Change.done(
            which,
            now.stream()
                .filter(meant())
                .map(account -> "mailbox " + account.mailbox())
                .collect(Collectors.joining(", ")),
            ""));
    commandOutput.line("removed; %s in %s".formatted(changed.thereAre(), signIn.accountsFile()));
    noteLostComments(changed, commandOutput);
    return 0;
  }

  private Predicate<SignInConfig.Account> meant() {
    String login = which.toLowerCase(Locale.ROOT);
    return account ->
        account.login() == null
            ? account.mailbox().equalsIgnoreCase(which)
            : account.login().equals(login);
  }

  static void noteLostComments(AccountsEditor.Changed changed, CommandOutput commandOutput) {
    if (!changed.commentsKept()) {
      commandOutput.line(
          "the file was rewritten, because its layout is not supported; its comments are lost");
    }
  }
}
