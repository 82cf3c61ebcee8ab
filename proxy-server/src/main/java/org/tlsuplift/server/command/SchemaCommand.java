package org.tlsuplift.server.command;

import java.util.concurrent.Callable;
import org.tlsuplift.server.config.ConfigLoader;
import org.tlsuplift.server.config.ConfigurationPage;
import org.tlsuplift.server.terminal.CommandOutput;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/** Prints what the program knows about the keys of its configuration. */
@Command(
    name = "schema",
    footer = "%nExample:%n  tls-uplift schema > tls-uplift.schema.json",
    header = "Print the JSON schema of the configuration.",
    description =
        "Editors use it to complete and check keys. The manual's page 'configuration' says how.")
final class SchemaCommand implements Callable<Integer> {
  @Mixin private final CommandOutput commandOutput = new CommandOutput();

  @Option(
      names = {"-r", "--reference"},
      description = "Print the manual's page 'configuration' instead, in Markdown.")
  private boolean reference;

  @Override
  public Integer call() {
    commandOutput.exactly(
        reference
            ? new ConfigurationPage(ConfigLoader.defaultText()).page()
            : ConfigLoader.schema().json());
    return 0;
  }
}
