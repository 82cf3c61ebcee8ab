package org.tlsuplift.server.init;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Clock;
import java.util.List;
import java.util.function.Consumer;
import org.tlsuplift.proxy.outcome.OperatorException;
import org.tlsuplift.server.config.ConfigLoader;
import org.tlsuplift.server.config.ListenerConfig;
import org.tlsuplift.server.config.LoadedConfig;
import org.tlsuplift.server.config.SignInConfig;

/**
 * The section {@code signIn} of a configuration.
 *
 * @param config the file of the configuration
 * @param data the directory of the daemon
 */
public record SignInSection(Choices.SignIn signIn, Path config, Path data) {
  /** The YAML, after an empty line. */
  public String text() {
    return ConfigDraft.signIn(signIn, data);
  }

  /**
   * A change of the file.
   *
   * @param before the text of the file
   * @param after the text with the section
   * @param warning what the operator must do too; empty for nothing
   */
  public record Change(String before, String after, String warning) {
    /** The lines that the change adds. */
    public List<String> added() {
      List<String> old = before.lines().toList();
      return after.lines().filter(line -> !old.contains(line)).toList();
    }
  }

  /**
   * What {@link #write} would change: it adds the section, or sets the ID that is missing in it.
   *
   * @throws IOException if the file cannot be read
   * @throws OperatorException if the file has another section, or the daemon could not run with the
   *     result
   */
  public Change change() throws IOException, OperatorException {
    String before = Files.readString(config, StandardCharsets.UTF_8);
    SignInConfig existing = ConfigLoader.parse(before, config.toString()).config().signIn();
    String after =
        existing == null
            ? before + (before.isEmpty() || before.endsWith("\n") ? "" : "\n") + text()
            : before.replace(Choices.SignIn.PENDING, signIn.applicationId());
    LoadedConfig result = ConfigLoader.parse(after, config.toString());
    if (existing != null && !lacksOnly(existing)) {
      throw new OperatorException(
          config
              + " has a section 'signIn' already; change it by hand: 'tls-uplift tenant setup' without --write shows the keys");
    }
    return new Change(
        before,
        after,
        result.config().listeners().stream().noneMatch(ListenerConfig::signIn)
            ? "no listener has 'signIn: true'; add it to the mail listeners of these devices"
            : "");
  }

  /** Whether it is the section of this tenant, without the ID of the application. */
  private boolean lacksOnly(SignInConfig existing) {
    return existing.tenants().size() == 1
        && existing.tenants().get(0).tenant().equals(signIn.tenant())
        && existing.tenants().get(0).flow() == signIn.flow()
        && existing.tenants().get(0).applicationId().equals(Choices.SignIn.PENDING);
  }

  /**
   * Writes a change, and keeps the old file under a dated name.
   *
   * @param output receives lines for the operator
   * @throws IOException if a file cannot be written
   */
  public void write(Change change, Consumer<String> output, Clock clock) throws IOException {
    FirstSetup.write(config, change.after(), output, clock);
    output.accept("Configuration   " + config + " (checked)");
    if (!change.warning().isEmpty()) {
      output.accept("warning: " + change.warning());
    }
  }
}
