package org.tlsuplift.server.config;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import org.tlsuplift.proxy.model.ShortText;
import org.tlsuplift.server.config.binding.ConfigProblem;
import org.tlsuplift.server.config.binding.InvalidConfigException;
import org.tlsuplift.server.config.binding.ShownYaml;
import org.tlsuplift.server.config.binding.YamlTree;

/**
 * A configuration without errors.
 *
 * @param source the file, or {@code the built-in default}
 * @param yaml as it is written, with the positions of its keys
 * @param warnings with their positions
 */
public record LoadedConfig(
    String source, ServerConfig config, YamlTree yaml, List<ConfigProblem> warnings) {
  public LoadedConfig {
    warnings = List.copyOf(warnings);
  }

  /** The file; empty for the built-in default. */
  public Optional<Path> file() {
    return Optional.of(Path.of(source)).filter(Files::isRegularFile);
  }

  /** A command for a person, which uses this file. */
  public String command(String words) {
    return "tls-uplift "
        + words
        + file().map(each -> " --config " + ShortText.shell(each.toString())).orElse("");
  }

  /** A copy with another port in {@code admin.bind}, for a second process with this file. */
  public LoadedConfig onAdminPort(int port) {
    return new LoadedConfig(source, config.onAdminPort(port), yaml, warnings);
  }

  /** The text for people, without comments and secrets. */
  public String shown() {
    return ShownYaml.of(yaml.root(), ServerConfig.class);
  }

  /** For errors that a later check found. */
  public InvalidConfigException invalid(List<ConfigProblem> problems) {
    return new InvalidConfigException(source, yaml.positions().locate(problems));
  }
}
