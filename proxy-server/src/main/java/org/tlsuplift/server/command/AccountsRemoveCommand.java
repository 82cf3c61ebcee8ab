package org.tlsuplift.server.command;

import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.Callable;
import org.tlsuplift.server.command.text.ConfigOption;
import org.tlsuplift.server.config.AccountsEditor;
import org.tlsuplift.server.config.LoadedConfig;
import org.tlsuplift.server.config.SignInConfig;
import org.tlsuplift.server.feature.Change;
import org.tlsuplift.server.terminal.CommandAudit;
import org.tlsuplift.server.terminal.CommandOutput;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Parameters;

@Command(
    name = "remove",
    footer = "%nExample:%n  tls-uplift accounts remove scanner",
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
    List<Change> removed = new ArrayList<>();
    AccountsEditor.Changed changed =
        ConfiguredSignIn.change(
            loaded,
            commandOutput,
            "accounts.remove",
            now -> {
              removed.clear();
              List<SignInConfig.Account> found = ConfiguredSignIn.find(loaded, now, which);
              found.forEach(each -> removed.add(Change.done(each.key(), each.words(), "")));
              return AccountsEditor.Edits.remove(now, found::contains);
            });
    CommandAudit.record(commandOutput, loaded.config().dataDirectory(), "accounts.remove", removed);
    commandOutput.line(
        "removed; %s in %s"
            .formatted(changed.thereAre(), ConfiguredSignIn.of(loaded).accountsFile()));
    noteLostComments(changed, commandOutput);
    return 0;
  }

  static void noteLostComments(AccountsEditor.Changed changed, CommandOutput commandOutput) {
    if (!changed.commentsKept()) {
      commandOutput.line(
          "the file was rewritten, because its layout is not supported; its comments are lost");
    }
  }
}
