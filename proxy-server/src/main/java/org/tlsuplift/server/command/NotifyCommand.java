package org.tlsuplift.server.command;

import java.time.Instant;
import java.util.List;
import java.util.concurrent.Callable;
import org.tlsuplift.proxy.outcome.OperatorException;
import org.tlsuplift.server.command.text.CommandOutput;
import org.tlsuplift.server.command.text.ConfigOption;
import org.tlsuplift.server.config.LoadedConfig;
import org.tlsuplift.server.daemon.NotificationSource;
import org.tlsuplift.server.daemon.mapping.ConfigMapper;
import org.tlsuplift.server.notify.Delivery;
import org.tlsuplift.server.notify.Notification;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;

/** Groups the commands about notifications. */
@Command(
    name = "notify",
    header = "Try the receivers of notifications.",
    synopsisSubcommandLabel = "COMMAND")
public final class NotifyCommand implements Callable<Integer> {
  @Mixin private final CommandOutput commandOutput = new CommandOutput();

  private NotifyCommand() {}

  /** The command with its subcommand. */
  public static CommandLine line() {
    return new CommandLine(new NotifyCommand()).addSubcommand(new NotifyTestCommand());
  }

  @Override
  public Integer call() {
    return commandOutput.usage();
  }

  /** Sends a test notification to each receiver. */
  @Command(
      name = "test",
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
}
