package org.tlsuplift.server.command;

import java.util.Objects;
import org.jspecify.annotations.Nullable;
import org.tlsuplift.server.config.LoadedConfig;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Spec;

/** The option {@code --admin-port}: two instances on one machine need different admin ports. */
final class AdminPortOption {
  private static final int MAX_PORT = 65_535;

  @Option(
      names = "--admin-port",
      paramLabel = "PORT",
      description =
          "Use this port in admin.bind, so that a second instance can run with the same"
              + " configuration.")
  private @Nullable Integer port;

  @Spec(Spec.Target.MIXEE)
  private @Nullable CommandSpec command;

  boolean isGiven() {
    return port != null;
  }

  /** The configuration with this port, if the option is given. */
  LoadedConfig in(LoadedConfig loaded) {
    if (port == null) {
      return loaded;
    }
    if (port < 1 || port > MAX_PORT) {
      throw new ParameterException(
          Objects.requireNonNull(command, "command").commandLine(),
          "--admin-port: got " + port + "; expected a port from 1 to " + MAX_PORT);
    }
    return loaded.onAdminPort(port);
  }
}
