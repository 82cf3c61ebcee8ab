package org.tlsuplift.server.command;

import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;
import java.util.concurrent.Callable;
import org.tlsuplift.server.command.text.ConfigOption;
import org.tlsuplift.server.config.AccountsEditor;
import org.tlsuplift.server.config.LoadedConfig;
import org.tlsuplift.server.config.SignInConfig.Account;
import org.tlsuplift.server.feature.Change;
import org.tlsuplift.server.terminal.CommandAudit;
import org.tlsuplift.server.terminal.CommandOutput;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Parameters;

@Command(
    name = "disable",
    footer = "%nExample:%n  tls-uplift accounts disable scanner",
    header = "Disable accounts in signIn.accountsFile; a running daemon ends their sessions.",
    description =
        "The accounts and their passwords stay in the file. 'accounts enable' enables them again. If a name is unknown, no account is changed.")
final class AccountsDisableCommand implements Callable<Integer> {
  @Mixin private final Switched switched = new Switched();
  @Mixin private final CommandOutput commandOutput = new CommandOutput();

  @Override
  public Integer call() throws Exception {
    return switched.set(
        true, commandOutput, "It refuses their devices and ends their open sessions.");
  }

  @Command(
      name = "enable",
      footer = "%nExample:%n  tls-uplift accounts enable scanner copier",
      header = "Enable disabled accounts in signIn.accountsFile.",
      description = "If a name is unknown, no account is changed.")
  static final class AccountsEnableCommand implements Callable<Integer> {
    @Mixin private final Switched switched = new Switched();
    @Mixin private final CommandOutput commandOutput = new CommandOutput();

    @Override
    public Integer call() throws Exception {
      return switched.set(false, commandOutput, "Then their devices can sign in again.");
    }
  }

  /** Which accounts both commands change. */
  private static final class Switched {
    @Mixin private final ConfigOption config = new ConfigOption();

    @Parameters(
        paramLabel = "LOGIN",
        arity = "1..*",
        description = "The login of an account; without a login, the address of its mailbox.")
    private List<String> names = List.of();

    int set(boolean disabled, CommandOutput output, String effect) throws Exception {
      LoadedConfig loaded = config.load();
      List<Change> changes = new ArrayList<>();
      AccountsEditor.Changed changed =
          ConfiguredSignIn.change(
              loaded,
              output,
              "accounts.change",
              now -> {
                changes.clear();
                Set<Account> found = new LinkedHashSet<>();
                for (String name : names) {
                  found.addAll(ConfiguredSignIn.find(loaded, now, name));
                }
                found.removeIf(each -> each.disabled() == disabled);
                TreeMap<Integer, Optional<Account>> replaced = new TreeMap<>();
                for (Account each : found) {
                  Account after = each.disabled(disabled);
                  replaced.put(now.indexOf(each), Optional.of(after));
                  changes.add(Change.done(each.key(), each.words(), after.words()));
                }
                return new AccountsEditor.Edits(replaced, List.of());
              });
      String state = disabled ? "disabled" : "enabled";
      if (changes.isEmpty()) {
        output.line("nothing has changed: already " + state);
        return 0;
      }
      CommandAudit.record(output, loaded.config().dataDirectory(), "accounts.change", changes);
      output.line(state + ": " + String.join(", ", changes.stream().map(Change::object).toList()));
      output.line("A running daemon reads the file within seconds. " + effect);
      AccountsRemoveCommand.noteLostComments(changed, output);
      return 0;
    }
  }
}
