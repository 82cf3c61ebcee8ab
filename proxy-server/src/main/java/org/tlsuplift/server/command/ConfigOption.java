package org.tlsuplift.server.command;

import java.nio.file.Path;
import org.jspecify.annotations.Nullable;
import org.tlsuplift.server.config.ConfigLoader;
import org.tlsuplift.server.config.InvalidConfigException;
import org.tlsuplift.server.config.LoadedConfig;
import picocli.CommandLine.Option;

/** The option that names the configuration. */
final class ConfigOption {
  @Option(
      names = {"-c", "--config"},
      paramLabel = "FILE",
      description = "The configuration, in YAML; without it, the built-in default.")
  private @Nullable Path file;

  LoadedConfig load() throws InvalidConfigException {
    return file == null ? ConfigLoader.loadDefault() : ConfigLoader.load(file);
  }
}
