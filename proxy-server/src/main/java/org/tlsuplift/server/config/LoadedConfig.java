package org.tlsuplift.server.config;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import org.tlsuplift.server.config.binding.ConfigProblem;
import org.tlsuplift.server.config.binding.InvalidConfigException;
import org.tlsuplift.server.config.binding.Positions;

/**
 * A configuration without errors.
 *
 * @param source the file, or {@code the built-in default}
 * @param positions of its keys
 * @param warnings with their positions
 */
public record LoadedConfig(
    String source, ServerConfig config, Positions positions, List<ConfigProblem> warnings) {
  public LoadedConfig {
    warnings = List.copyOf(warnings);
  }

  /** The file; empty for the built-in default. */
  public Optional<Path> file() {
    return Optional.of(Path.of(source)).filter(Files::isRegularFile);
  }

  /** A copy with another port in {@code admin.bind}, for a second process with this file. */
  public LoadedConfig onAdminPort(int port) {
    return new LoadedConfig(source, config.onAdminPort(port), positions, warnings);
  }

  /** For errors that a later check found. */
  public InvalidConfigException invalid(List<ConfigProblem> problems) {
    return new InvalidConfigException(source, positions.locate(problems));
  }
}
