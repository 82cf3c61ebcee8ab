package org.tlsuplift.server.command.ca;

import java.util.concurrent.Callable;
import org.tlsuplift.proxy.ca.CaExport;
import org.tlsuplift.proxy.ca.CaRotation;
import org.tlsuplift.server.command.console.CommandOutput;
import org.tlsuplift.server.command.console.ConfigOption;
import org.tlsuplift.server.daemon.ca.CaSource;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;

/** Undoes the last step of a replacement. */
@Command(
    name = "undo",
    header = "Go back to the previous CA, or drop a staged one.",
    description = {
      "With a staged CA: erases it and its key; the same CA signs as before.",
      "Without one, after 'ca activate': the previous CA signs again at once, in a running daemon"
          + " too, and the one that signed is staged again."
    })
public final class CaUndoCommand implements Callable<Integer> {
  @Mixin private final ConfigOption config = new ConfigOption();
  @Mixin private final CaOption which = new CaOption();
  @Mixin private final CommandOutput commandOutput = new CommandOutput();

  @Override
  public Integer call() throws Exception {
    CaSource source = which.source(config.load().config());
    if (source.rotation().undo(commandOutput::line) == CaRotation.Undone.WENT_BACK) {
      commandOutput.line(
          "signs now  SHA-256 " + CaExport.sha256(CaOption.existing(source).anchor()));
      commandOutput.line(
          "A running daemon uses it within two seconds, and logs it. The CA that signed is staged"
              + " again: '"
              + source.command("activate")
              + "'");
    }
    return 0;
  }
}
