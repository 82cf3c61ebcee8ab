package org.tlsuplift.server.command;

import java.io.IOException;
import java.nio.file.Path;
import java.util.Optional;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import org.tlsuplift.proxy.outcome.OperatorException;
import org.tlsuplift.server.command.text.ConfigOption;
import org.tlsuplift.server.config.ListenerConfig;
import org.tlsuplift.server.config.ServerConfig;
import org.tlsuplift.server.daemon.InventorySource;
import org.tlsuplift.server.daemon.SwitchOffSource;
import org.tlsuplift.server.process.Version;
import org.tlsuplift.server.readiness.SwitchOffQuery;
import org.tlsuplift.server.readiness.SwitchOffReport;
import org.tlsuplift.server.readiness.SwitchOffResult;
import org.tlsuplift.server.readiness.SwitchOffResults;
import org.tlsuplift.server.terminal.CommandOutput;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

@Command(
    name = "report",
    footer = "%nExample:%n  tls-uplift report --listener scan-smtp --output report",
    header = "Write the switch-off report: which listeners and subnets no longer need TLS 1.0.",
    description = {
      "Writes "
          + SwitchOffReport.PAGE
          + " for people, and for spreadsheets "
          + SwitchOffReport.ANSWERS
          + " (listeners and subnets) and "
          + SwitchOffReport.DEVICES
          + " (the devices that still need it). Reads the inventory, whether the daemon runs or not."
    })
final class ReportCommand implements Callable<Integer> {
  @Mixin private final ConfigOption config = new ConfigOption();
  @Mixin private final CommandOutput commandOutput = new CommandOutput();

  @Option(
      names = {"-o", "--output"},
      paramLabel = "DIRECTORY",
      description = "The output directory, created if missing. Default: the current directory.")
  private Path directory = Path.of(".");

  @Option(names = "--listener", paramLabel = "NAME", description = "Only this listener.")
  private @Nullable String listener;

  @Option(
      names = "--subnet",
      paramLabel = "CIDR",
      description = "Only devices in this address block, such as 10.1.2.0/24.")
  private @Nullable String subnet;

  @Option(names = "--force", description = "Replace existing files.")
  private boolean force;

  @Override
  public Integer call() throws Exception {
    SwitchOffQuery switchOffQuery =
        new SwitchOffQuery(
            Optional.ofNullable(listener),
            Optional.ofNullable(subnet).map(text -> DevicesCommand.block(text, commandOutput)));
    ServerConfig loaded = config.load().config();
    if (listener != null && loaded.listeners().stream().noneMatch(this::isMeant)) {
      throw commandOutput.wrong(
          "--listener: got '"
              + listener
              + "'; expected "
              + String.join(", ", loaded.listeners().stream().map(ListenerConfig::name).toList()));
    }
    try {
      InventorySource.read(
          loaded,
          inventory ->
              print(
                  new SwitchOffReport(
                          SwitchOffSource.of(loaded, inventory.inventory()),
                          Version.current().toString())
                      .write(directory, switchOffQuery, force)));
    } catch (IOException failed) {
      throw new OperatorException(
          failed.getMessage() + "; choose another directory with --output" + remedy(failed));
    }
    return 0;
  }

  private String remedy(IOException failed) {
    return force || failed.getCause() != null ? "" : ", or replace the files with --force";
  }

  private boolean isMeant(ListenerConfig one) {
    return one.name().equals(listener);
  }

  private void print(SwitchOffResults switchOffResults) {
    for (SwitchOffResult switchOffResult : switchOffResults.listeners()) {
      commandOutput.line(
          "%-20s %-8s %s"
              .formatted(
                  switchOffResult.scope().name(),
                  switchOffResult.answer().label().replace('_', ' '),
                  switchOffResult.because()));
      switchOffResult
          .incomplete()
          .forEach(note -> commandOutput.line("%-29s incomplete: %s".formatted("", note)));
    }
    for (String file :
        new String[] {SwitchOffReport.PAGE, SwitchOffReport.ANSWERS, SwitchOffReport.DEVICES}) {
      commandOutput.line(directory.resolve(file).toString());
    }
  }
}
