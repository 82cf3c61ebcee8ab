package org.tlsuplift.server.daemon;

import java.util.ArrayList;
import java.util.List;
import org.tlsuplift.proxy.tls.LegacyTls;
import org.tlsuplift.server.config.ConfigProblem;
import org.tlsuplift.server.config.InvalidConfigException;
import org.tlsuplift.server.config.LoadedConfig;
import org.tlsuplift.server.config.ServerConfig;

/** Prepares the Java runtime for antique listeners, and for nothing where there is none. */
public final class AntiqueRuntime {
  private AntiqueRuntime() {}

  /**
   * Relaxes the JDK's TLS if a listener asks for it. Must come before anything uses TLS: before
   * {@link ConfigMapper}, which reads the roots of origins.
   *
   * @throws InvalidConfigException when the runtime lacks what an antique listener needs
   */
  public static void prepare(LoadedConfig loaded) throws InvalidConfigException {
    List<Integer> antique = antique(loaded.config());
    if (antique.isEmpty()) {
      return;
    }
    List<String> missing = LegacyTls.relaxRuntime();
    if (!missing.isEmpty()) {
      List<ConfigProblem> problems = new ArrayList<>();
      for (int index : antique) {
        problems.add(
            new ConfigProblem(
                "listeners[" + index + "].profile",
                "'antique' needs what this Java runtime ("
                    + Runtime.version()
                    + ") does not have: "
                    + String.join(", ", missing),
                "modern, legacy",
                "run with a Java runtime that has it, such as OpenJDK 17 or 25"));
      }
      throw new InvalidConfigException(loaded.source(), problems);
    }
  }

  private static List<Integer> antique(ServerConfig config) {
    List<Integer> found = new ArrayList<>();
    for (int i = 0; i < config.listeners().size(); i++) {
      if (config.listeners().get(i).profile() == ServerConfig.Profile.ANTIQUE) {
        found.add(i);
      }
    }
    return found;
  }
}
