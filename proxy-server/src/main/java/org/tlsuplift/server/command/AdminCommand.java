package org.tlsuplift.server.command;

import java.util.concurrent.Callable;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;

/** Groups what concerns those who sign in at the admin port. */
@Command(
    name = "admin",
    header = "Make what admin.users and admin.tokens need.",
    synopsisSubcommandLabel = "COMMAND")
final class AdminCommand implements Callable<Integer> {
  @Mixin private final CommandOutput commandOutput = new CommandOutput();

  @Override
  public Integer call() {
    CommandLine line = commandOutput.commandLine();
    line.usage(line.getErr());
    return CommandFailures.CONFIGURATION;
  }
}
