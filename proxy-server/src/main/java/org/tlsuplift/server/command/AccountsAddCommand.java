package org.tlsuplift.server.command;

import java.io.IOException;
import java.util.List;
import java.util.TreeMap;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import org.tlsuplift.proxy.outcome.OperatorException;
import org.tlsuplift.server.cluster.UnknownOutcomeException;
import org.tlsuplift.server.command.text.ConfigOption;
import org.tlsuplift.server.config.AccountsEditor;
import org.tlsuplift.server.config.AccountsReader;
import org.tlsuplift.server.config.LoadedConfig;
import org.tlsuplift.server.config.SignInConfig;
import org.tlsuplift.server.config.binding.InvalidConfigException;
import org.tlsuplift.server.feature.Change;
import org.tlsuplift.server.terminal.CommandAudit;
import org.tlsuplift.server.terminal.CommandOutput;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

@Command(
    name = "add",
    footer =
        "%nExample:%n  tls-uplift accounts add scanner --mailbox scanner@contoso.com --device 10.1.2.0/24",
    header = "Add an account to signIn.accountsFile; a running daemon loads it within seconds.",
    description = {
      "Prompts for the password twice on a terminal; otherwise reads it from the first line of standard input. Without a login, the address alone identifies the devices.",
      "To change the password of an account, remove it and add it again, or use the page Accounts.",
      "With --upstream-origin the proxy signs in at that origin with a user and a password, and not with a token of Microsoft 365."
    })
final class AccountsAddCommand implements Callable<Integer> {
  @Mixin private final ConfigOption config = new ConfigOption();
  @Mixin private final NewPassword password = new NewPassword();
  @Mixin private final UpstreamOptions upstream = new UpstreamOptions();
  @Mixin private final CommandOutput commandOutput = new CommandOutput();

  @Parameters(arity = "0..1", paramLabel = "LOGIN", description = "The login that the devices use.")
  private @Nullable String login;

  @Option(
      names = {"-m", "--mailbox"},
      paramLabel = "ADDRESS",
      required = true,
      description = "The mailbox of the account.")
  private String mailbox = "";

  @Option(
      names = "--tenant",
      paramLabel = "NAME",
      description = "The tenant of the mailbox, if signIn.tenants has several.")
  private @Nullable String tenant;

  @Option(
      names = {"-d", "--device"},
      paramLabel = "CIDR",
      description = "An address block of the devices; repeat for more.")
  private List<String> devices = List.of();

  @Option(
      names = {"-s", "--allowed-sender"},
      paramLabel = "ADDRESS",
      description = "An allowed sender, as an address or @domain; repeat for more.")
  private List<String> senders = List.of();

  @Option(
      names = "--send-by",
      paramLabel = "WAY",
      description = "How messages leave the spool: SMTP, GRAPH or AUTO. Default: SMTP.")
  private SignInConfig.SendBy sendBy = SignInConfig.SendBy.SMTP;

  @Override
  public Integer call() throws Exception {
    LoadedConfig loaded = config.load();
    AccountsEditor unused = ConfiguredSignIn.editor(loaded);
    if (login == null && devices.isEmpty()) {
      throw new OperatorException("no LOGIN and no --device; give at least one of them");
    }
    SignInConfig.Account asked;
    try {
      asked =
          AccountsReader.of(
                  login,
                  login == null ? null : "",
                  devices,
                  mailbox,
                  tenant,
                  upstream.read(mailbox),
                  senders)
              .sendBy(sendBy);
    } catch (IllegalArgumentException wrong) {
      throw new OperatorException(String.valueOf(wrong.getMessage()));
    }
    AccountsEditor.Changed changed = add(loaded, asked);
    CommandAudit.record(
        commandOutput,
        loaded.config().dataDirectory(),
        "accounts.add",
        Change.done(
            asked.key(), "", asked.words() + (asked.login() == null ? "" : " (new password)")));
    commandOutput.line(
        "added; %s in %s"
            .formatted(changed.thereAre(), ConfiguredSignIn.of(loaded).accountsFile()));
    AccountsRemoveCommand.noteLostComments(changed, commandOutput);
    return 0;
  }

  private AccountsEditor.Changed add(LoadedConfig loaded, SignInConfig.Account asked)
      throws Exception {
    SignInConfig.Account account = login == null ? asked : asked.withPasswordHash(password.hash());
    boolean created = upstream.createFile(asked.upstream(), password, commandOutput);
    try {
      return ConfiguredSignIn.<InvalidConfigException>change(
          loaded,
          commandOutput,
          "accounts.add",
          now -> new AccountsEditor.Edits(new TreeMap<>(), List.of(account)));
    } catch (UnknownOutcomeException unknown) {
      throw unknown;
    } catch (IOException | OperatorException failed) {
      if (created) {
        upstream.deleteFile(asked.upstream());
      }
      throw failed;
    }
  }
}
