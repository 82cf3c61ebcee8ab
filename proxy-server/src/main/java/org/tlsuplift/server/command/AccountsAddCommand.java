package org.tlsuplift.server.command;

import java.util.List;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import org.tlsuplift.server.config.SignInConfig;
import org.tlsuplift.server.config.accounts.AccountsEditor;
import org.tlsuplift.server.config.accounts.AccountsReader;
import org.tlsuplift.server.config.load.LoadedConfig;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/** Adds an account to the file of accounts. */
@Command(
    name = "add",
    header = "Add an account to signIn.accountsFile; a running daemon takes it within seconds.",
    description =
        "Asks for the password twice at a terminal; else its first line is read from standard"
            + " input. Without a login, devices are known by their address alone.")
final class AccountsAddCommand implements Callable<Integer> {
  @Mixin private final ConfigOption config = new ConfigOption();
  @Mixin private final NewPassword password = new NewPassword();
  @Mixin private final CommandOutput commandOutput = new CommandOutput();

  @Parameters(arity = "0..1", paramLabel = "LOGIN", description = "What devices sign in with.")
  private @Nullable String login;

  @Option(
      names = {"-m", "--mailbox"},
      paramLabel = "ADDRESS",
      required = true,
      description = "The mailbox that they are signed in to.")
  private String mailbox = "";

  @Option(
      names = {"-d", "--device"},
      paramLabel = "CIDR",
      description = "Where they may come from; may be given several times.")
  private List<String> devices = List.of();

  @Option(
      names = {"-s", "--allowed-sender"},
      paramLabel = "ADDRESS",
      description = "What they may send as, an address or @domain; may be given several times.")
  private List<String> senders = List.of();

  @Override
  public Integer call() throws Exception {
    LoadedConfig loaded = config.load();
    AccountsEditor editor = ConfiguredSignIn.editor(loaded);
    if (login == null && devices.isEmpty()) {
      throw new CommandFailedException("an account needs a LOGIN, or --device, or both");
    }
    AccountsEditor.Changed changed;
    try {
      SignInConfig.Account asked =
          AccountsReader.of(login, login == null ? null : "", devices, mailbox, senders);
      changed =
          editor.add(
              login == null
                  ? asked
                  : new SignInConfig.Account(
                      asked.login(),
                      password.hash(),
                      asked.devices(),
                      asked.mailbox(),
                      asked.allowedSenders()));
    } catch (IllegalArgumentException wrong) {
      throw new CommandFailedException(String.valueOf(wrong.getMessage()));
    }
    commandOutput.line(
        "added; %s in %s now"
            .formatted(changed.thereAre(), ConfiguredSignIn.of(loaded).accountsFile()));
    AccountsRemoveCommand.tellOfComments(changed, commandOutput);
    return 0;
  }
}
