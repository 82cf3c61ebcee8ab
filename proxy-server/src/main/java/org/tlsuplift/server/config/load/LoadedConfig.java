package org.tlsuplift.server.config.load;

import java.util.List;
import org.tlsuplift.server.config.ServerConfig;
import org.tlsuplift.server.config.yaml.ConfigProblem;

/**
 * A configuration that can be run.
 *
 * @param source the file, or what else it came from
 * @param config the configuration
 * @param warnings what an operator should know about it; often empty
 */
public record LoadedConfig(String source, ServerConfig config, List<ConfigProblem> warnings) {
  public LoadedConfig {
    warnings = List.copyOf(warnings);
  }
}
