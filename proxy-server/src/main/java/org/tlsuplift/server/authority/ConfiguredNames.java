package org.tlsuplift.server.authority;

import java.util.List;
import java.util.stream.Stream;
import org.tlsuplift.proxy.ca.IssuingCa;
import org.tlsuplift.proxy.ca.PermittedNames;
import org.tlsuplift.proxy.route.SignableNames;
import org.tlsuplift.server.config.ConfiguredRoutes;
import org.tlsuplift.server.config.ListenerConfig;
import org.tlsuplift.server.config.ServerConfig;

/** The names that a CA may have to sign for, from the routes and listeners. */
public final class ConfiguredNames {
  private ConfiguredNames() {}

  /** The routes' destinations, and the names of these listeners. */
  static SignableNames of(ServerConfig config, List<ListenerConfig> listeners) {
    return ConfiguredRoutes.of(config)
        .signableNames()
        .with(
            listeners.stream()
                .flatMap(listener -> listener.certificate().serverNames().stream())
                .toList());
  }

  /**
   * The names that a new CA permits: these names; this machine's names and addresses, so that later
   * {@code serverNames} need no new CA; and Microsoft's own domains around listed hosts, so that
   * most hosts of a newer endpoint list need none either.
   */
  static PermittedNames ofNewAuthority(SignableNames names, ServerConfig config) {
    return permitted(
        names.everything() ? names : names.with(ThisMachine.names()).with(domains(names, config)));
  }

  private static List<String> domains(SignableNames names, ServerConfig config) {
    return ConfiguredRoutes.usesPublishedList(config.routes())
        ? ConfiguredRoutes.list(config).domainsOf(names.dnsSuffixes())
        : List.of();
  }

  /** The configured names, and this machine's names. */
  static List<String> ofMachine(List<String> configured) {
    return Stream.concat(configured.stream(), ThisMachine.names().stream()).distinct().toList();
  }

  /** Converts names to name constraints. */
  private static PermittedNames permitted(SignableNames names) {
    return new PermittedNames(names.dnsSuffixes(), names.cidrs());
  }

  /**
   * Adds a line with the names that a CA may not sign for, if there are any.
   *
   * @param remedy the end of the line
   */
  static List<String> warnings(SignableNames names, IssuingCa ca, String remedy) {
    List<String> missing = names.everything() ? List.of() : ca.namesNotCovered(permitted(names));
    return missing.isEmpty()
        ? List.of()
        : List.of(
            "the CA may not sign for names that the routes allow: %s; the daemon refuses devices that request these names; %s"
                .formatted(String.join(", ", missing), remedy));
  }

  /** The name of this machine, as part of a new CA's subject. */
  public static String thisHost() {
    return ThisMachine.hostName().orElse("on a host without a name");
  }
}
