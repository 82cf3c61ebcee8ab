package org.tlsuplift.server.daemon.ca;

import java.util.List;
import java.util.stream.Stream;
import org.tlsuplift.proxy.ca.IssuingCa;
import org.tlsuplift.proxy.ca.PermittedNames;
import org.tlsuplift.proxy.route.SignableNames;
import org.tlsuplift.server.config.ConfiguredRoutes;
import org.tlsuplift.server.config.ListenerConfig;
import org.tlsuplift.server.config.ServerConfig;

/** What an authority may have to sign for, and where it is. */
public final class ConfiguredNames {
  private ConfiguredNames() {}

  /** What the routes reach, and the names of these listeners. */
  static SignableNames of(ServerConfig config, List<ListenerConfig> listeners) {
    return ConfiguredRoutes.of(config.routes())
        .signableNames()
        .with(listeners.stream().flatMap(listener -> listener.serverNames().stream()).toList());
  }

  /**
   * What a new authority permits: these, and this machine's own names and addresses, so that
   * serverNames that are set later need no second CA.
   */
  static PermittedNames ofNewAuthority(SignableNames names) {
    return permitted(names.everything() ? names : names.with(ThisMachine.names()));
  }

  /** These names, and those that the system has for this machine. */
  static List<String> ofMachine(List<String> configured) {
    return Stream.concat(configured.stream(), ThisMachine.names().stream()).distinct().toList();
  }

  /** The same for name constraints. */
  private static PermittedNames permitted(SignableNames names) {
    return new PermittedNames(names.dnsSuffixes(), names.cidrs());
  }

  /**
   * Says in one line which of them an authority may not sign for; nothing where it may.
   *
   * @param remedy what to do
   */
  static List<String> warnings(SignableNames names, IssuingCa ca, String remedy) {
    List<String> missing = names.everything() ? List.of() : ca.namesNotCovered(permitted(names));
    return missing.isEmpty()
        ? List.of()
        : List.of(
            "the certificate authority may not sign for names that the routes reach: "
                + String.join(", ", missing)
                + "; devices that ask for them are refused until another one signs: "
                + remedy);
  }

  /** The name of this machine, for the subject of a new CA. */
  public static String thisHost() {
    return ThisMachine.hostName().orElse("on a host without a name");
  }
}
