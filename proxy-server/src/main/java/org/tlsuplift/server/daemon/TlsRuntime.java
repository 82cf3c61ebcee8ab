package org.tlsuplift.server.daemon;

import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.tlsuplift.proxy.tls.ProfileProbe;
import org.tlsuplift.proxy.tls.RelaxedRuntime;
import org.tlsuplift.proxy.tls.TlsProfile;
import org.tlsuplift.server.config.ListenerConfig;
import org.tlsuplift.server.config.load.LoadedConfig;
import org.tlsuplift.server.config.yaml.ConfigProblem;
import org.tlsuplift.server.config.yaml.InvalidConfigException;

/** Prepares this process for the profiles of all listeners, and sees whether it can do them. */
public final class TlsRuntime {
  private TlsRuntime() {}

  /**
   * Prepares the JDK's TLS, relaxes it if a listener is antique, and tries every version and suite
   * that a listener needs. Must come before anything uses TLS: before {@link ConfigMapper#map},
   * which reads the roots of origins.
   *
   * @throws InvalidConfigException with what this process cannot do, by listener
   * @throws StartFailedException when BoringSSL cannot be loaded, or others than antique listeners
   *     would get more than before
   */
  public static void prepare(LoadedConfig loaded)
      throws InvalidConfigException, StartFailedException {
    List<ListenerConfig> listeners = loaded.config().listeners();
    boolean antique =
        listeners.stream().anyMatch(each -> each.profile() == ListenerConfig.Profile.ANTIQUE);
    RelaxedRuntime.prepare();
    if (antique) {
      RelaxedRuntime.relax();
    }
    try {
      refuseMissing(loaded);
      if (antique) {
        RelaxedRuntime.proveDefaultsStrict();
      }
    } catch (IllegalStateException failed) {
      throw new StartFailedException(String.valueOf(failed.getMessage()), failed);
    }
  }

  private static void refuseMissing(LoadedConfig loaded) throws InvalidConfigException {
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
        "'"
            + listener.profile().label()
            + "' of the listener "
            + listener.name()
            + " needs what Java "
            + Runtime.version()
            + " in "
            + System.getProperty("java.home")
            + " does not do: "
            + String.join(", ", missing),
        "",
        forbidden.isEmpty()
            ? "run with a Java runtime that does it, such as OpenJDK 17 or 25"
            : "its setting jdk.tls.disabledAlgorithms has '"
                + String.join("', '", forbidden)
                + "': take that out (java.security, or a file named by -Djava.security.properties), or"
                + " run with another Java runtime, such as OpenJDK 17 or 25");
  }
}
