package org.tlsuplift.server.command;

import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;

/** Groups what concerns the certificate authority. */
@Command(
    name = "ca",
    header = "Show, export or renew the certificate authority that devices must trust.",
    synopsisSubcommandLabel = "COMMAND")
final class CaCommand implements Callable<Integer> {
  @Mixin private final CommandOutput commandOutput = new CommandOutput();

  @Override
  public Integer call() {
    return commandOutput.usage();
  }

  /** Makes a new certificate authority in place of the old one. */
  @Command(
      name = "rotate",
      header = "Make a new one in place of the old, whose key is erased.",
      description = {
        "The old certificate is kept under a dated name. The old key is overwritten and deleted: there"
            + " is no way back to it, except from a backup, which should be deleted too.",
        "A running daemon signs with the old one until it is started again; devices that were not given"
            + " the new certificate by then refuse the connection."
      })
  static final class CaRotateCommand implements Callable<Integer> {
    @Mixin private final ConfigOption config = new ConfigOption();
    @Mixin private final CaOption which = new CaOption();
    @Mixin private final CommandOutput commandOutput = new CommandOutput();

    @Override
    public Integer call() throws Exception {
      which.source(config.load().config()).rotate(commandOutput::line);
      commandOutput.line(
          "give the new certificate to the devices (ca export"
              + which.listener().map(listener -> " --listener " + listener).orElse("")
              + "), then restart the daemon");
      return 0;
    }
  }
}
