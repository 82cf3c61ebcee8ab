package org.tlsuplift.server.mapping;

import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.tlsuplift.proxy.outcome.OperatorException;
import org.tlsuplift.proxy.tls.ProfileProbe;
import org.tlsuplift.proxy.tls.RelaxedRuntime;
import org.tlsuplift.proxy.tls.TlsProfile;
import org.tlsuplift.server.config.ListenerConfig;
import org.tlsuplift.server.config.LoadedConfig;
import org.tlsuplift.server.config.ServerConfig;
import org.tlsuplift.server.config.binding.ConfigProblem;
import org.tlsuplift.server.config.binding.InvalidConfigException;

/**
 * Prepares the TLS libraries of this process for the profiles of all listeners, and checks that
 * they support them.
 */
public final class TlsRuntime {
  private TlsRuntime() {}

  /**
   * Prepares the JDK's TLS, and relaxes it for antique listeners. It must run before any use of
   * TLS, and before {@link ConfigMapper#map}, which reads root certificates.
   */
  public static void prepare(ServerConfig config) {
    RelaxedRuntime.prepare();
    if (isAntique(config)) {
      RelaxedRuntime.relax();
    }
  }

  /**
   * Checks every version and suite that a listener needs, in a process that is {@link #prepare
   * prepared} for this configuration.
   *
   * @throws InvalidConfigException with the versions and suites that this process does not support,
   *     by listener
   * @throws OperatorException if BoringSSL cannot be loaded, or if the relaxed settings would
   *     affect more than antique listeners
   */
  public static void prove(LoadedConfig loaded) throws OperatorException {
    try {
      check(loaded);
      if (isAntique(loaded.config())) {
        RelaxedRuntime.proveDefaultsStrict();
      }
    } catch (IllegalStateException failed) {
      throw new OperatorException(String.valueOf(failed.getMessage()), failed);
    }
  }

  /** Whether a configuration needs the JDK's TLS to be relaxed. */
  public static boolean isAntique(ServerConfig config) {
    return config.listeners().stream()
        .anyMatch(each -> each.tls().profile() == ListenerConfig.Profile.ANTIQUE);
  }

  /**
   * Checks every version and suite that a listener needs, in a prepared process.
   *
   * @throws InvalidConfigException with those that this process does not support, by listener
   */
  public static void check(LoadedConfig loaded) throws InvalidConfigException {
    List<ListenerConfig> listeners = loaded.config().listeners();
    Map<TlsProfile, List<String>> found = new HashMap<>();
    List<ConfigProblem> problems = new ArrayList<>();
    for (int i = 0; i < listeners.size(); i++) {
      List<String> missing =
          found.computeIfAbsent(ConfigMapper.profile(listeners.get(i)), ProfileProbe::missing);
      if (!missing.isEmpty()) {
        problems.add(problem("listeners[" + i + "].profile", listeners.get(i), missing));
      }
    }
    if (!problems.isEmpty()) {
      throw loaded.invalid(problems);
    }
  }

  private static ConfigProblem problem(String path, ListenerConfig listener, List<String> missing) {
    List<String> forbidden = RelaxedRuntime.disabling(missing);
    return new ConfigProblem(
        path,
        "'%s' of the listener %s needs versions or suites that Java %s in %s does not support: %s"
            .formatted(
                listener.tls().profile().label(),
                listener.name(),
                Runtime.version(),
                System.getProperty("java.home"),
                String.join(", ", missing)),
        "",
        forbidden.isEmpty()
            ? "use a Java runtime that supports it, such as OpenJDK 17 or 25"
            : "its security property jdk.tls.disabledAlgorithms contains '"
                + String.join("', '", forbidden)
                + "': remove that (in java.security, or in a file set by -Djava.security.properties), or use another Java runtime, such as OpenJDK 17 or 25");
  }
}
