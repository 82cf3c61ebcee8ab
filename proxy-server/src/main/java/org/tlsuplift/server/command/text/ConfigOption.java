package org.tlsuplift.server.command.text;

import java.nio.file.Path;
import org.jspecify.annotations.Nullable;
import org.tlsuplift.server.config.ConfigLoader;
import org.tlsuplift.server.config.LoadedConfig;
import org.tlsuplift.server.config.binding.InvalidConfigException;
import picocli.CommandLine.Option;

/** The option {@code --config}. */
public final class ConfigOption {
  @Option(
      names = {"-c", "--config"},
      paramLabel = "FILE",
      defaultValue = "${env:TLS_UPLIFT_CONFIG}",
      description =
          "The YAML configuration. Without this option: the file in the environment variable"
              + " TLS_UPLIFT_CONFIG, or the built-in default.")
  private @Nullable Path file;

  /** The file; null for the built-in default. */
  public @Nullable String file() {
    return file == null ? null : file.toString();
  }

  public LoadedConfig load() throws InvalidConfigException {
    return file == null ? ConfigLoader.loadDefault() : ConfigLoader.load(file);
  }

  /** The data directory, also if the configuration has errors. */
  public Path dataDirectory() throws InvalidConfigException {
    return file == null
        ? ConfigLoader.loadDefault().config().dataDirectory()
        : ConfigLoader.dataDirectory(file);
  }
}
