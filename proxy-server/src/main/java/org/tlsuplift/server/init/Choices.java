package org.tlsuplift.server.init;

import java.nio.file.Path;
import java.time.LocalDate;
import java.util.List;
import java.util.Set;
import org.jspecify.annotations.Nullable;
import org.tlsuplift.proxy.model.HostPort;
import org.tlsuplift.proxy.route.Cidr;
import org.tlsuplift.server.config.SignInConfig;

/**
 * What the operator has chosen.
 *
 * @param config the file to write
 * @param data the directory for the CA and the inventory
 * @param names names and addresses of this machine for devices, normalised, at least one
 * @param ways at least one
 * @param signIn null where the operator does not want it
 * @param antique null where there is no antique listener
 */
public record Choices(
    Path config,
    Path data,
    List<String> names,
    Set<WayIn> ways,
    @Nullable SignIn signIn,
    @Nullable Antique antique) {
  public Choices {
    names = List.copyOf(names);
    ways = Set.copyOf(ways);
  }

  /**
   * How TLS Uplift signs in for devices.
   *
   * @param tenant the organisation
   * @param applicationId the application that is registered there
   * @param flow how it gets tokens
   * @param clientSecretFile where the application proves itself by a secret, else null
   */
  public record SignIn(
      String tenant,
      String applicationId,
      SignInConfig.Flow flow,
      @Nullable Path clientSecretFile) {}

  /**
   * Who may use the antique listeners.
   *
   * @param devices at least one address block
   * @param until the last day
   */
  public record Antique(List<Cidr> devices, LocalDate until) {
    public Antique {
      devices = List.copyOf(devices);
    }
  }

  boolean has(WayIn way) {
    return ways.contains(way);
  }

  /** The file for device accounts, next to the configuration. */
  Path accountsFile() {
    return config.resolveSibling("accounts.yaml");
  }

  /** The directory of the configuration, where the CA certificate is exported to. */
  Path directory() {
    return config.resolveSibling("");
  }

  /** What to enter in a device: the first full name, else the first name or address. */
  String serverName() {
    return names.stream()
        .filter(name -> HostPort.isHostName(name) && name.contains("."))
        .findFirst()
        .orElse(names.get(0));
  }
}
