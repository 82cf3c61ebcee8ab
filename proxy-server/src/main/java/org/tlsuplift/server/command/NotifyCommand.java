package org.tlsuplift.server.command;

import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import org.tlsuplift.proxy.outcome.OperatorException;
import org.tlsuplift.server.command.text.ConfigOption;
import org.tlsuplift.server.config.LoadedConfig;
import org.tlsuplift.server.config.NotifyConfig;
import org.tlsuplift.server.daemon.InventorySource;
import org.tlsuplift.server.daemon.NotificationSource;
import org.tlsuplift.server.daemon.WeeklyReports;
import org.tlsuplift.server.mapping.ConfigMapper;
import org.tlsuplift.server.notify.Delivery;
import org.tlsuplift.server.notify.Notification;
import org.tlsuplift.server.terminal.CommandGroup;
import org.tlsuplift.server.terminal.CommandOutput;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/** Groups the commands about notifications. */
@Command(name = "notify", header = "Try the receivers of notifications.")
public final class NotifyCommand extends CommandGroup {
  private NotifyCommand() {}

  /** The command with its subcommands. */
  public static CommandLine line() {
    return new CommandLine(new NotifyCommand())
        .addSubcommand(new NotifyTestCommand())
        .addSubcommand(new NotifyWeeklyCommand());
  }

  /** Sends a test notification to each receiver. */
  @Command(
      name = "test",
      footer = "%nExample:%n  tls-uplift notify test",
      header = "Send a test notification to each receiver of 'notify'.",
      description =
          "Sends once to each receiver, from this process, and prints the result. Exits with 1 if a"
              + " receiver did not accept it. Run it as the user of the daemon.")
  static final class NotifyTestCommand implements Callable<Integer> {
    @Mixin private final ConfigOption config = new ConfigOption();
    @Mixin private final CommandOutput commandOutput = new CommandOutput();

    @Override
    public Integer call() throws Exception {
      LoadedConfig loaded = config.load();
      List<Delivery> deliveries =
          NotificationSource.deliveries(loaded.config(), ConfigMapper.map(loaded));
      if (deliveries.isEmpty()) {
        throw new OperatorException(
            "the configuration has no receiver; add notify.smtp or notify.webhook");
      }
      Notification test = Notification.test(NotificationSource.instance(), Instant.now());
      int failed = 0;
      for (Delivery delivery : deliveries) {
        String receiver = delivery.channel().label() + ": " + delivery.target();
        try {
          delivery.send(test);
          commandOutput.line(receiver + " has accepted the test notification");
        } catch (OperatorException refused) {
          failed++;
          commandOutput.line(receiver + " failed: " + refused.getMessage());
        }
      }
      return failed == 0 ? 0 : 1;
    }
  }

  /** Sends the weekly reports now. */
  @Command(
      name = "weekly",
      footer = "%nExample:%n  tls-uplift notify weekly --to helpdesk@contoso.com",
      header = "Send the reports of 'notify.weekly' now.",
      description =
          "Sends each report once, from this process, and prints the result. The daemon sends them each Monday at 06:00 UTC all the same. Exits with 1 if the mail server did not accept one.")
  static final class NotifyWeeklyCommand implements Callable<Integer> {
    @Mixin private final ConfigOption config = new ConfigOption();
    @Mixin private final CommandOutput commandOutput = new CommandOutput();

    @Option(
        names = "--to",
        paramLabel = "ADDRESS",
        description = "Send all of them to this address instead.")
    private @Nullable String to;

    @Override
    public Integer call() throws Exception {
      LoadedConfig loaded = config.load();
      NotifyConfig notify = loaded.config().notifications();
      if (notify == null || notify.weekly().isEmpty()) {
        throw new OperatorException("the configuration has no report; add notify.weekly");
      }
      List<String> failed = new ArrayList<>();
      InventorySource.read(
          loaded.config(),
          inventory -> {
            for (NotifyConfig.Weekly each : notify.weekly()) {
              NotifyConfig.Weekly weekly =
                  to == null ? each : new NotifyConfig.Weekly(each.tag(), to);
              String report = weekly.tag() + " to " + weekly.to();
              try {
                WeeklyReports.send(
                    loaded.config(), ConfigMapper.map(loaded), inventory.inventory(), weekly);
                commandOutput.line(report + ": sent");
              } catch (OperatorException refused) {
                failed.add(report);
                commandOutput.line(report + " failed: " + refused.getMessage());
              }
            }
          });
      return failed.isEmpty() ? 0 : 1;
    }
  }
}
