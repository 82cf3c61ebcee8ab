package org.tlsuplift.server.command;

import java.util.concurrent.Callable;
import org.tlsuplift.proxy.model.UnhandledVariantException;
import org.tlsuplift.proxy.outcome.OperatorException;
import org.tlsuplift.server.command.text.ConfigOption;
import org.tlsuplift.server.config.LoadedConfig;
import org.tlsuplift.server.daemon.EndpointListSource;
import org.tlsuplift.server.mapping.ConfigMapper;
import org.tlsuplift.server.mapping.ResolvedConfig;
import org.tlsuplift.server.microsoft365.ListChanges;
import org.tlsuplift.server.microsoft365.PublishedList;
import org.tlsuplift.server.microsoft365.RefreshResult;
import org.tlsuplift.server.process.DataDirectory;
import org.tlsuplift.server.terminal.CommandOutput;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/** Checks once for a newer list, and stores it. */
@Command(
    name = "refresh",
    footer = "%nExample:%n  tls-uplift endpoints refresh",
    header = "Check once for a newer list, and store it in dataDirectory.",
    description = {
      "Works with 'refresh: never' too. A running daemon applies the new list within two seconds,"
          + " without a restart. Exits with 1 if the list could not be checked or was refused."
    })
final class EndpointsRefreshCommand implements Callable<Integer> {
  @Mixin private final ConfigOption config = new ConfigOption();
  @Mixin private final CommandOutput commandOutput = new CommandOutput();

  @Option(
      names = "--accept-loss",
      description =
          "Accept a list that lacks more than a quarter of the current one. Compare both first:"
              + " tls-uplift endpoints diff")
  private boolean acceptLoss;

  @Override
  public Integer call() throws Exception {
    LoadedConfig loaded = config.load();
    ResolvedConfig resolvedConfig = ConfigMapper.map(loaded);
    DataDirectory.prepare(loaded.config().dataDirectory());
    PublishedList current = resolvedConfig.published();
    RefreshResult result =
        EndpointListSource.refresher(loaded.config(), resolvedConfig).refresh(current, acceptLoss);
    if (result instanceof RefreshResult.Unchanged) {
      commandOutput.line(current + " is the latest");
    } else if (result instanceof RefreshResult.Replaced replaced) {
      commandOutput.line("%s replaces %s".formatted(replaced.list().version(), current.version()));
      commandOutput.line("names: " + ListChanges.ofNames(current, replaced.list()));
      commandOutput.line("address blocks: " + ListChanges.ofBlocks(current, replaced.list()));
    } else if (result instanceof RefreshResult.Waiting waiting) {
      throw new OperatorException(
          "the web service responded 429 (too many requests); try again after " + waiting.until());
    } else if (result instanceof RefreshResult.Failed failed) {
      throw new OperatorException("%s; %s stays in use".formatted(failed.why(), current));
    } else {
      throw new UnhandledVariantException(result);
    }
    return 0;
  }
}
