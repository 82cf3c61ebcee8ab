package org.tlsuplift.server.command;

import java.time.Duration;
import java.time.Instant;
import java.util.Optional;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import org.tlsuplift.proxy.route.EndpointList;
import org.tlsuplift.proxy.route.HostPattern;
import org.tlsuplift.server.command.text.ConfigOption;
import org.tlsuplift.server.config.ServerConfig;
import org.tlsuplift.server.config.binding.Durations;
import org.tlsuplift.server.daemon.EndpointListSource;
import org.tlsuplift.server.microsoft365.ListName;
import org.tlsuplift.server.microsoft365.ListStore;
import org.tlsuplift.server.microsoft365.PublishedList;
import org.tlsuplift.server.terminal.CommandOutput;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Parameters;

/** Shows which list is in use, and what its names stand for. */
@Command(
    name = "show",
    footer = "%nExample:%n  tls-uplift endpoints show microsoft365:exchange",
    header = "Show which list is in use, or the destinations under one of its names.",
    description = {
      "Without NAME: the version, where it is from, and how much each name stands for. With NAME:"
          + " every host and address block with its ports, as routes use them."
    })
final class EndpointsShowCommand implements Callable<Integer> {
  @Mixin private final ConfigOption config = new ConfigOption();
  @Mixin private final CommandOutput commandOutput = new CommandOutput();

  @Parameters(
      arity = "0..1",
      paramLabel = "NAME",
      description = "A name for routes, such as microsoft365 or microsoft365:exchange.")
  private @Nullable String name;

  @Override
  public Integer call() throws Exception {
    Optional<ListName> wanted = wanted();
    ServerConfig loaded = config.load().config();
    ListStore store = EndpointListSource.store(loaded);
    PublishedList list = store.current();
    if (wanted.isPresent()) {
      wanted.get().select(list).destinations().forEach(each -> commandOutput.line(each.toString()));
      return 0;
    }
    commandOutput.line("cloud     " + list.cloud().label());
    commandOutput.line("version   " + list.version());
    commandOutput.line("from      " + source(list, store));
    Instant currentAt = store.state().currentAt(list);
    commandOutput.line(
        "current   on %s, %d days ago"
            .formatted(currentAt, Duration.between(currentAt, Instant.now()).toDays()));
    Duration refresh = loaded.microsoft365().refresh();
    commandOutput.line(
        "refresh   "
            + (refresh == null
                ? "never"
                : "every " + Durations.format(refresh) + " from " + loaded.microsoft365().url()));
    commandOutput.line(
        "content   %d sets, %d names, %d address blocks"
            .formatted(list.entries().size(), list.names().size(), list.blocks().size()));
    for (ListName each : ListName.values()) {
      commandOutput.line(
          "  %-24s %s: %s".formatted(each.label(), counts(each.select(list)), each.meaning()));
    }
    var unused = store.read();
    return 0;
  }

  private Optional<ListName> wanted() {
    if (name == null) {
      return Optional.empty();
    }
    Optional<ListName> known = ListName.of(name);
    if (known.isEmpty()) {
      throw commandOutput.wrong(
          "no endpoint list has the name '%s'; expected %s"
              .formatted(name, String.join(", ", ListName.labels())));
    }
    return known;
  }

  private static String source(PublishedList list, ListStore store) {
    return list.fetched() == null
        ? "this program"
        : "%s, fetched %s".formatted(store.file(), list.fetched());
  }

  private static String counts(EndpointList list) {
    return "%3d names, %3d blocks".formatted(count(list, false), count(list, true));
  }

  private static long count(EndpointList list, boolean blocks) {
    return list.destinations().stream()
        .filter(each -> each.hosts() instanceof HostPattern.Subnet == blocks)
        .map(each -> each.hosts().toString())
        .distinct()
        .count();
  }
}
