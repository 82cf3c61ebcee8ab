package org.tlsuplift.server.command.text;

import java.nio.file.Path;
import org.tlsuplift.server.config.ConfigLoader;
import org.tlsuplift.server.config.LoadedConfig;
import org.tlsuplift.server.config.binding.InvalidConfigException;
import org.tlsuplift.server.terminal.ConfigFile;

/** The option {@code --config}, and the configuration. */
public final class ConfigOption extends ConfigFile {
  public LoadedConfig load() throws InvalidConfigException {
    return ConfigLoader.loadOrDefault(file());
  }

  /** The data directory, also if the configuration has errors. */
  public Path dataDirectory() throws InvalidConfigException {
    String file = file();
    return file == null
        ? ConfigLoader.loadDefault().config().dataDirectory()
        : ConfigLoader.dataDirectory(Path.of(file));
  }
}
