package org.tlsuplift.server.init;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Clock;
import java.util.function.Consumer;
import org.tlsuplift.proxy.outcome.OperatorException;
import org.tlsuplift.server.config.ConfigLoader;
import org.tlsuplift.server.config.ListenerConfig;
import org.tlsuplift.server.config.LoadedConfig;

/**
 * The section {@code signIn} of a configuration.
 *
 * @param config the file of the configuration
 */
public record SignInSection(Choices.SignIn signIn, Path config) {
  /** The YAML, after an empty line. */
  public String text() {
    return ConfigDraft.signIn(
        signIn, config.toAbsolutePath().normalize().resolveSibling("accounts.yaml"));
  }

  /**
   * Adds the section to the file, and keeps the old file under a dated name.
   *
   * @param output receives lines for the operator
   * @throws IOException if a file cannot be written
   * @throws OperatorException if the file has the section already, or the daemon could not run with
   *     the result; then nothing is written
   */
  public void addTo(Consumer<String> output, Clock clock) throws IOException, OperatorException {
    if (ConfigLoader.load(config).config().signIn() != null) {
      throw new OperatorException(
          config
              + " has a section 'signIn' already; change it by hand: run this command without --write to see the keys");
    }
    String old = Files.readString(config, StandardCharsets.UTF_8);
    String text = old + (old.isEmpty() || old.endsWith("\n") ? "" : "\n") + text();
    LoadedConfig result = ConfigLoader.parse(text, config.toString());
    FirstSetup.write(config, text, output, clock);
    output.accept("Configuration   " + config + " (checked)");
    if (result.config().listeners().stream().noneMatch(ListenerConfig::signIn)) {
      output.accept(
          "warning: no listener has 'signIn: true'; add it to the mail listeners of these devices");
    }
  }
}
