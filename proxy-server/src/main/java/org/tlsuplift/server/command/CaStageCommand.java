package org.tlsuplift.server.command;

import java.util.Optional;
import java.util.concurrent.Callable;
import org.tlsuplift.proxy.ca.IssuingCa;
import org.tlsuplift.proxy.outcome.OperatorException;
import org.tlsuplift.proxy.tls.chain.Fingerprint;
import org.tlsuplift.server.authority.CaSource;
import org.tlsuplift.server.authority.CaStep;
import org.tlsuplift.server.authority.KeptCa;
import org.tlsuplift.server.command.text.ConfigOption;
import org.tlsuplift.server.terminal.CommandOutput;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;

/** Makes the next CA, while the current CA keeps signing. */
@Command(
    name = "stage",
    footer = "%nExample:%n  tls-uplift ca stage --config /etc/tls-uplift/tls-uplift.yaml",
    header = "Make the next CA; the current CA keeps signing.",
    description = {
      "The staged CA signs nothing before 'ca activate', not even after a restart. Until then,"
          + " install its certificate on the devices, and leave the current one there: 'ca"
          + " export' and the page /ca have both.",
      "Only one CA can be staged at a time. 'ca undo' drops it. If the key of a previous CA is"
          + " still kept, erase it first with 'ca retire'.",
      "A CA of your own (certificateAuthority.certificate) cannot be staged: replace its files"
          + " and reload."
    })
public final class CaStageCommand implements Callable<Integer> {
  @Mixin private final ConfigOption config = new ConfigOption();
  @Mixin private final CaOption which = new CaOption();
  @Mixin private final CommandOutput commandOutput = new CommandOutput();

  @Override
  public Integer call() throws Exception {
    CaSource source = which.take(CaStep.STAGE, config);
    commandOutput.line("");
    commandOutput.line("signs now  " + present(source));
    commandOutput.line(
        "staged     SHA-256 " + source.kept(KeptCa.Role.STAGED).orElseThrow().sha256());
    commandOutput.line("");
    commandOutput.line("Nothing has changed for the devices yet. Next:");
    commandOutput.line("1. " + source.command("export"));
    commandOutput.line("   writes the staged CA as " + which.stagedFile() + ".pem, .cer and .p7b");
    commandOutput.line("2. install it on every device, and leave the current CA there");
    commandOutput.line("3. " + source.command("activate"));
    commandOutput.line("   signs with it at once; '" + source.command("undo") + "' goes back");
    return 0;
  }

  /** A CA that has expired or is broken can be replaced too. */
  private static String present(CaSource source) {
    try {
      Optional<IssuingCa> found = source.find();
      return found.map(ca -> "SHA-256 " + Fingerprint.sha256(ca.anchor())).orElse("none");
    } catch (OperatorException unusable) {
      return "none: " + unusable.getMessage();
    }
  }
}
