package org.tlsuplift.server.command;

import java.nio.file.Path;
import java.util.Objects;
import java.util.concurrent.Callable;
import org.tlsuplift.server.command.text.ConfigOption;
import org.tlsuplift.server.config.ConfigLoader;
import org.tlsuplift.server.init.RevocationSteps;
import org.tlsuplift.server.terminal.CommandOutput;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;

/** Prints what to do when the machine is stolen. */
@Command(
    name = "revoke",
    header = "Print the steps for the day on which the machine is stolen, filled in.",
    description = {
      "Changes nothing and prints no secret. It needs only a copy of the configuration, on any"
          + " machine. Print the steps in good time. See 'tls-uplift manual stolen-machine'."
    },
    footer = "%nExample:%n  tls-uplift tenant revoke --config tls-uplift.yaml")
final class TenantRevokeCommand implements Callable<Integer> {
  @Mixin private final ConfigOption config = new ConfigOption();
  @Mixin private final CommandOutput commandOutput = new CommandOutput();

  @Override
  public Integer call() throws Exception {
    String file = Objects.requireNonNullElse(config.file(), ConfigLoader.USUAL);
    commandOutput.lines(RevocationSteps.of(ConfigLoader.elsewhere(Path.of(file)), file));
    return 0;
  }
}
