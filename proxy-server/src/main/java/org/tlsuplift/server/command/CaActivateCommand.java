package org.tlsuplift.server.command;

import java.util.concurrent.Callable;
import org.tlsuplift.proxy.ca.IssuingCa;
import org.tlsuplift.proxy.tls.chain.Fingerprint;
import org.tlsuplift.server.authority.CaSource;
import org.tlsuplift.server.authority.CaStep;
import org.tlsuplift.server.command.text.ConfigOption;
import org.tlsuplift.server.terminal.CommandOutput;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;

/** Makes the staged CA sign. */
@Command(
    name = "activate",
    footer = "%nExample:%n  tls-uplift ca activate --config /etc/tls-uplift/tls-uplift.yaml",
    header = "Sign with the staged CA from now on.",
    description = {
      "A running daemon uses the new CA for new handshakes within two seconds. Open sessions"
          + " continue. A stopped daemon uses the new CA when it starts.",
      "The previous CA and its key are kept, so that 'ca undo' can go back to it. 'ca retire'"
          + " erases that key. 'ca show' counts the devices that refuse the new CA."
    })
public final class CaActivateCommand implements Callable<Integer> {
  @Mixin private final ConfigOption config = new ConfigOption();
  @Mixin private final CaOption which = new CaOption();
  @Mixin private final CommandOutput commandOutput = new CommandOutput();

  @Override
  public Integer call() throws Exception {
    CaSource source = which.take(CaStep.ACTIVATE, config);
    IssuingCa ca = CaOption.existing(source);
    commandOutput.line("signs now  SHA-256 " + Fingerprint.sha256(ca.anchor()));
    commandOutput.line("A running daemon uses it within two seconds and logs the change. Next:");
    commandOutput.line("  " + source.command("show"));
    commandOutput.line("      counts the devices that refuse it");
    commandOutput.line("  " + source.command("undo"));
    commandOutput.line("      goes back to the previous CA at once");
    commandOutput.line("  " + source.command("retire"));
    commandOutput.line(
        "      erases the key of the previous CA; run it when every device has the new CA");
    source.warnings(ca).forEach(warning -> commandOutput.line("warning: " + warning));
    return 0;
  }
}
