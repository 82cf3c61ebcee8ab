package org.tlsuplift.server.command;

import java.util.concurrent.Callable;
import org.tlsuplift.proxy.tls.chain.Fingerprint;
import org.tlsuplift.server.authority.CaSource;
import org.tlsuplift.server.authority.CaStep;
import org.tlsuplift.server.authority.KeptCa;
import org.tlsuplift.server.command.text.ConfigOption;
import org.tlsuplift.server.terminal.CommandOutput;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;

/** Undoes the last step of a replacement. */
@Command(
    name = "undo",
    footer = "%nExample:%n  tls-uplift ca undo --config /etc/tls-uplift/tls-uplift.yaml",
    header = "Go back to the previous CA, or drop a staged one.",
    description = {
      "If a CA is staged: erases it and its key. The same CA keeps signing.",
      "If none is staged, after 'ca activate': the previous CA signs again, in a running daemon"
          + " within two seconds. The CA that signed until then is staged again."
    })
public final class CaUndoCommand implements Callable<Integer> {
  @Mixin private final ConfigOption config = new ConfigOption();
  @Mixin private final CaOption which = new CaOption();
  @Mixin private final CommandOutput commandOutput = new CommandOutput();

  @Override
  public Integer call() throws Exception {
    CaSource source = which.take(CaStep.UNDO, config);
    if (source.kept(KeptCa.Role.STAGED).isPresent()) {
      commandOutput.line(
          "signs now  SHA-256 " + Fingerprint.sha256(CaOption.existing(source).anchor()));
      commandOutput.line(
          "A running daemon uses it within two seconds and logs the change. The CA that signed until now is staged again: '%s'"
              .formatted(source.command("activate")));
    }
    return 0;
  }
}
