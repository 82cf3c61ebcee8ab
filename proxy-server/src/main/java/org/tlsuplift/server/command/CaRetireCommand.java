package org.tlsuplift.server.command;

import java.util.concurrent.Callable;
import org.tlsuplift.server.authority.CaStep;
import org.tlsuplift.server.command.text.ConfigOption;
import org.tlsuplift.server.terminal.CommandOutput;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;

/** Erases the key of the previous CA. */
@Command(
    name = "retire",
    footer = "%nExample:%n  tls-uplift ca retire --config /etc/tls-uplift/tls-uplift.yaml",
    header = "Erase the key of the previous CA.",
    description = {
      "Overwrites and deletes the key. After that, only a backup can bring the key back: delete"
          + " it from your backups too. The certificate is kept under a dated name: remove it"
          + " from the devices."
    })
public final class CaRetireCommand implements Callable<Integer> {
  @Mixin private final ConfigOption config = new ConfigOption();
  @Mixin private final CaOption which = new CaOption();
  @Mixin private final CommandOutput commandOutput = new CommandOutput();

  @Override
  public Integer call() throws Exception {
    var unused = which.take(CaStep.RETIRE, config);
    commandOutput.line("remove the previous CA from the devices, and its key from your backups");
    return 0;
  }
}
