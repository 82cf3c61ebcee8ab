package org.tlsuplift.server.command;

import java.util.concurrent.Callable;
import picocli.CommandLine;
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
    CommandLine line = commandOutput.commandLine();
    line.usage(line.getErr());
    return CommandFailures.CONFIGURATION;
  }
}
