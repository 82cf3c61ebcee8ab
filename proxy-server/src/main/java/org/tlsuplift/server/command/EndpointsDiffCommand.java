package org.tlsuplift.server.command;

import java.util.Optional;
import java.util.concurrent.Callable;
import org.tlsuplift.proxy.outcome.OperatorException;
import org.tlsuplift.server.command.text.ConfigOption;
import org.tlsuplift.server.config.LoadedConfig;
import org.tlsuplift.server.daemon.EndpointListSource;
import org.tlsuplift.server.mapping.ConfigMapper;
import org.tlsuplift.server.mapping.ResolvedConfig;
import org.tlsuplift.server.microsoft365.ListChanges;
import org.tlsuplift.server.microsoft365.ListName;
import org.tlsuplift.server.microsoft365.ListStore;
import org.tlsuplift.server.microsoft365.PublishedList;
import org.tlsuplift.server.process.DataDirectory;
import org.tlsuplift.server.terminal.CommandOutput;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/** Compares the lists of this program, of the disk and of the web service. */
@Command(
    name = "diff",
    footer = "%nExample:%n  tls-uplift endpoints diff",
    header = "Compare the list of this program, the stored list and the latest list.",
    description = {
      "Prints what routes to 'microsoft365' would gain (+) and lose (-), and then the whole list."
          + " Fetches the latest list, and changes nothing. If the web service cannot be reached,"
          + " it says so, compares the others and exits with 1."
    })
final class EndpointsDiffCommand implements Callable<Integer> {
  @Mixin private final ConfigOption config = new ConfigOption();
  @Mixin private final CommandOutput commandOutput = new CommandOutput();

  @Option(names = "--offline", description = "Do not ask the web service.")
  private boolean offline;

  @Override
  public Integer call() throws Exception {
    LoadedConfig loaded = config.load();
    ResolvedConfig resolvedConfig = ConfigMapper.map(loaded);
    ListStore store = EndpointListSource.store(loaded.config());
    PublishedList bundled = PublishedList.bundled(loaded.config().microsoft365().cloud());
    Optional<PublishedList> stored = store.read();
    commandOutput.line("bundled   " + bundled.version());
    commandOutput.line("stored    " + stored.map(PublishedList::toString).orElse("none"));
    stored.ifPresent(list -> compare(bundled, list, "bundled to stored"));
    if (offline) {
      return 0;
    }
    DataDirectory.prepare(loaded.config().dataDirectory());
    try {
      PublishedList latest =
          EndpointListSource.refresher(loaded.config(), resolvedConfig).fetch(bundled.cloud());
      commandOutput.line("latest    " + latest);
      compare(resolvedConfig.published(), latest, "in use to latest");
    } catch (OperatorException failed) {
      throw new OperatorException("latest    not available: " + failed.getMessage());
    }
    return 0;
  }

  private void compare(PublishedList from, PublishedList to, String what) {
    commandOutput.line("");
    commandOutput.line(
        "%s (%s, %s), names and address blocks with their ports under '%s':"
            .formatted(what, from.version(), to.version(), ListName.MICROSOFT365.label()));
    print(
        ListChanges.ofDestinations(
            ListName.MICROSOFT365.select(from), ListName.MICROSOFT365.select(to)));
    commandOutput.line("all names:");
    print(ListChanges.ofNames(from, to));
    commandOutput.line("all address blocks:");
    print(ListChanges.ofBlocks(from, to));
  }

  private void print(ListChanges changes) {
    if (changes.isEmpty()) {
      commandOutput.line("  the same");
    }
    changes.added().forEach(each -> commandOutput.line("  + " + each));
    changes.removed().forEach(each -> commandOutput.line("  - " + each));
  }
}
