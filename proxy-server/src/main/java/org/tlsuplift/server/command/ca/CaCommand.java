package org.tlsuplift.server.command.ca;

import java.io.PrintWriter;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.Callable;
import org.tlsuplift.server.command.console.CommandFailures;
import org.tlsuplift.server.command.console.CommandOutput;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Unmatched;

/** Groups the commands about the certificate authority. */
@Command(
    name = "ca",
    header = "Show, export or replace the certificate authority that devices must trust.",
    description = {
      "To replace it without a gap: 'ca stage' makes the next CA, 'ca export' writes both certificates"
          + " for the devices, and 'ca activate' signs with the next CA as soon as the devices have"
          + " it. 'ca undo' goes back. 'ca retire' erases the old key at the end."
    },
    synopsisSubcommandLabel = "COMMAND")
public final class CaCommand implements Callable<Integer> {
  @Mixin private final CommandOutput commandOutput = new CommandOutput();

  @Override
  public Integer call() {
    return commandOutput.usage();
  }

  /**
   * Names the commands that replace it. It switched at the next restart, which surprised operators.
   */
  @Command(
      name = "rotate",
      hidden = true,
      header = "Replaced by 'ca stage' and 'ca activate'.",
      description = "Makes nothing. Prints the commands that replace it.")
  public static final class CaRotateCommand implements Callable<Integer> {
    @Unmatched private List<String> ignored = new ArrayList<>();
    @Mixin private final CommandOutput commandOutput = new CommandOutput();

    @Override
    public Integer call() {
      PrintWriter err = commandOutput.commandLine().getErr();
      err.println(
          "ca rotate was replaced and does nothing: run 'tls-uplift ca stage', install the staged CA on"
              + " the devices, and run 'tls-uplift ca activate'");
      err.flush();
      return CommandFailures.CONFIGURATION;
    }
  }
}
