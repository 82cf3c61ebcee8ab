package org.tlsuplift.server.command;

import java.io.PrintWriter;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.Callable;
import org.tlsuplift.server.command.text.CommandFailures;
import org.tlsuplift.server.terminal.CommandOutput;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Unmatched;

/**
 * Names the commands that replace this one. It changed the CA at the next restart, which surprised
 * operators.
 */
@Command(
    name = "rotate",
    hidden = true,
    header = "Replaced by 'ca stage' and 'ca activate'.",
    description = "Changes nothing. Prints the commands that replace it.")
public final class CaRotateCommand implements Callable<Integer> {
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
