package org.tlsuplift.server.command;

import java.io.IOException;
import java.io.PrintWriter;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.Callable;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import org.tlsuplift.proxy.outcome.OperatorException;
import org.tlsuplift.proxy.route.Cidr;
import org.tlsuplift.server.command.text.ConfigOption;
import org.tlsuplift.server.command.text.DeviceText;
import org.tlsuplift.server.command.text.FormOption;
import org.tlsuplift.server.config.ServerConfig;
import org.tlsuplift.server.daemon.InventorySource;
import org.tlsuplift.server.inventory.DeviceCsv;
import org.tlsuplift.server.inventory.DeviceFilter;
import org.tlsuplift.server.inventory.DeviceHistory;
import org.tlsuplift.server.inventory.DeviceJson;
import org.tlsuplift.server.inventory.DeviceList;
import org.tlsuplift.server.inventory.DeviceRecord;
import org.tlsuplift.server.inventory.DeviceSort;
import org.tlsuplift.server.inventory.FilterWords;
import org.tlsuplift.server.inventory.Inventory;
import org.tlsuplift.server.terminal.CommandOutput;
import picocli.CommandLine.ArgGroup;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.OptionSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.ParseResult;

/** Prints the device inventory. */
@Command(
    name = "devices",
    footer = "%nExample:%n  tls-uplift devices --verdict needs_upgrade --subnet 10.1.2.0/24",
    header = "List the devices, and which of them still need the upgrade.",
    description = {
      "Reads the inventory, whether the daemon runs or not. Sessions of the last inventory.flushInterval may be missing."
    })
// Picocli fills the fields of the conditions; the filter takes them from its parse result.
@SuppressWarnings("UnusedVariable")
final class DevicesCommand implements Callable<Integer> {
  /** The options with conditions, which are fields of the filter. */
  private static final List<String> CONDITIONS =
      List.of(
          "--verdict",
          "--subnet",
          "--listener",
          "--owner",
          "--place",
          "--tag",
          "--problem",
          "--reply",
          "--search");

  @Mixin private final ConfigOption config = new ConfigOption();
  @Mixin private final CommandOutput commandOutput = new CommandOutput();

  @Parameters(
      arity = "0..1",
      paramLabel = "ADDRESS",
      description = "Show everything about this device.")
  private @Nullable String address;

  @ArgGroup private final FormOption form = new FormOption();

  @Option(
      names = "--verdict",
      split = ",",
      paramLabel = "VERDICT",
      description =
          "Only these verdicts, separated by commas: no_encryption, too_old, only_tls_rsa, no_accepted_suite, ready, not_seen, unknown; or needs_upgrade for the first four.")
  private List<String> verdicts = new ArrayList<>();

  @Option(
      names = "--subnet",
      paramLabel = "CIDR",
      description = "Only devices in this address block, such as 10.1.2.0/24.")
  private @Nullable String subnet;

  @Option(
      names = "--listener",
      paramLabel = "NAME",
      description = "Only devices that used this listener.")
  private @Nullable String listener;

  @Option(
      names = "--owner",
      paramLabel = "TEXT",
      description = "Only devices with this text in the owner.")
  private @Nullable String owner;

  @Option(
      names = "--place",
      paramLabel = "TEXT",
      description = "Only devices with this text in the place.")
  private @Nullable String place;

  @Option(names = "--tag", paramLabel = "TAG", description = "Only devices with this tag.")
  private @Nullable String tag;

  @Option(
      names = "--problem",
      paramLabel = "LABEL",
      description = "Only devices that had this problem or reply: its label in log and metrics.")
  private @Nullable String problem;

  @Option(
      names = "--reply",
      paramLabel = "LABEL",
      description = "Only devices that got this reply of Microsoft 365, such as \"535 5.7.3\".")
  private @Nullable String reply;

  @Option(
      names = "--search",
      paramLabel = "TEXT",
      description =
          "Only devices with this text in the address, name, owner, place, note, server name, HELO name, JA4 or destination.")
  private @Nullable String search;

  @Option(
      names = "--sort",
      paramLabel = "KEY",
      defaultValue = "address",
      description =
          "address (the default), name, owner, place, verdict, first-seen, last-seen, worst-version, sessions, legacy, failures or bytes.")
  private String sort = "";

  @Option(names = "--descending", description = "Sort in descending order.")
  private boolean descending;

  @Option(
      names = "--limit",
      paramLabel = "NUMBER",
      defaultValue = "2147483647",
      description = "Print at most this number of devices.")
  private int limit;

  @Override
  public Integer call() throws Exception {
    refuseWithoutEffect();
    DeviceFilter filter = filter();
    DeviceSort order =
        commandOutput.parsed("--sort", () -> FilterWords.parse(DeviceSort.values(), sort));
    ServerConfig loaded = config.load().config();
    InventorySource.read(
        loaded,
        inventory -> {
          if (address != null) {
            show(inventory.inventory(), address);
          } else {
            list(inventory.inventory(), filter, order);
          }
        });
    return 0;
  }

  private void refuseWithoutEffect() {
    if (limit < 1) {
      throw commandOutput.wrong("--limit: got '" + limit + "'; expected 1 or more");
    }
    ParseResult given = commandOutput.commandLine().getParseResult();
    for (String option :
        Stream.concat(CONDITIONS.stream(), Stream.of("--sort", "--descending", "--limit"))
            .toList()) {
      if (address != null && given.hasMatchedOption(option)) {
        throw commandOutput.wrong(option + ": has no effect for one device; remove it");
      }
    }
  }

  private void show(Inventory inventory, String which)
      throws SQLException, IOException, OperatorException {
    DeviceHistory history =
        inventory
            .device(which)
            .orElseThrow(() -> new OperatorException("no device was seen at " + which));
    if (form.json()) {
      PrintWriter target = commandOutput.commandLine().getOut();
      DeviceJson.write(history, target);
      target.println();
      target.flush();
    } else if (form.csv()) {
      commandOutput.line(DeviceCsv.HEADER);
      commandOutput.line(DeviceCsv.line(history.device()));
    } else {
      DeviceText.lines(history).forEach(commandOutput::line);
    }
  }

  private void list(Inventory inventory, DeviceFilter filter, DeviceSort order)
      throws SQLException, IOException {
    DeviceList list = inventory.list(filter, order, descending);
    if (form.json()) {
      PrintWriter target = commandOutput.commandLine().getOut();
      DeviceJson.write(consumer -> list.forEach(0, limit, consumer), target);
      target.println();
      target.flush();
    } else if (form.csv()) {
      commandOutput.line(DeviceCsv.HEADER);
      list.forEach(0, limit, device -> commandOutput.line(DeviceCsv.line(device)));
    } else {
      List<DeviceRecord> devices = new ArrayList<>();
      list.forEach(0, limit, devices::add);
      DeviceText.table(devices).forEach(commandOutput::line);
      commandOutput.line(DeviceText.summary(inventory.verdicts(filter)));
    }
  }

  private DeviceFilter filter() {
    DeviceFilter filter = DeviceFilter.ALL;
    for (String option : CONDITIONS) {
      OptionSpec given = commandOutput.commandLine().getParseResult().matchedOption(option);
      if (given != null) {
        String text = String.join(",", given.stringValues());
        DeviceFilter before = filter;
        filter =
            option.equals("--subnet")
                ? before.in(block(text, commandOutput))
                : commandOutput.parsed(option, () -> before.narrowed(option.substring(2), text));
      }
    }
    return filter;
  }

  /** Parses {@code --subnet}. */
  static Cidr block(String text, CommandOutput commandOutput) {
    try {
      return Cidr.parse(text);
    } catch (IllegalArgumentException wrong) {
      throw commandOutput.wrong("--subnet: got '" + text + "': " + wrong.getMessage());
    }
  }
}
