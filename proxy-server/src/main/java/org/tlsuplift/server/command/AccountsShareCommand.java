package org.tlsuplift.server.command;

import java.nio.file.Path;
import java.util.concurrent.Callable;
import org.tlsuplift.proxy.outcome.OperatorException;
import org.tlsuplift.server.cluster.TokenDatabase;
import org.tlsuplift.server.cluster.UnknownOutcomeException;
import org.tlsuplift.server.command.text.ConfigOption;
import org.tlsuplift.server.config.LoadedConfig;
import org.tlsuplift.server.config.SignInConfig;
import org.tlsuplift.server.daemon.TokenSource;
import org.tlsuplift.server.feature.Change;
import org.tlsuplift.server.terminal.CommandAudit;
import org.tlsuplift.server.terminal.CommandOutput;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

@Command(
    name = "share",
    footer = "%nExample:%n  tls-uplift accounts share",
    header = "Save the accounts in the database as the newest version for all instances.",
    description =
        "For signIn.shareAccounts, after the database was restored, replaced or damaged. Instances never use a version that is older than the last one they have seen. Running daemons use the saved version within seconds.")
final class AccountsShareCommand implements Callable<Integer> {
  @Mixin private final ConfigOption config = new ConfigOption();
  @Mixin private final CommandOutput commandOutput = new CommandOutput();

  @Option(
      names = "--from-database",
      description =
          "Save the accounts that are in the database, instead of those in signIn.accountsFile of this machine.")
  private boolean fromDatabase;

  @Override
  public Integer call() throws Exception {
    LoadedConfig loaded = config.load();
    SignInConfig signIn = ConfiguredSignIn.of(loaded);
    Path file = signIn.accountsFile();
    try (TokenDatabase shared = TokenSource.database(loaded.config())) {
      if (!signIn.shareAccounts() || file == null || shared == null) {
        throw new OperatorException(
            "signIn.shareAccounts is not set in "
                + loaded.source()
                + "; each instance has its own accounts, and there is nothing to save");
      }
      long version = ConfiguredSignIn.sync(loaded, shared).share(fromDatabase);
      CommandAudit.record(
          commandOutput,
          loaded.config().dataDirectory(),
          "accounts.share",
          Change.done(
              "version " + version,
              "",
              "the accounts " + (fromDatabase ? "of the database" : "in " + file)));
      commandOutput.line(
          "saved the accounts %s as version %d; all daemons use them within seconds"
              .formatted(fromDatabase ? "of the database" : "in " + file, version));
    } catch (UnknownOutcomeException unknown) {
      CommandAudit.record(
          commandOutput,
          loaded.config().dataDirectory(),
          "accounts.share",
          Change.unknown(unknown.object(), unknown));
      throw unknown;
    }
    return 0;
  }
}
