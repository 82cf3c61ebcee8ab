package org.tlsuplift.server.init;

import java.nio.file.Path;
import java.time.LocalDate;
import java.util.List;
import java.util.Set;
import org.jspecify.annotations.Nullable;
import org.tlsuplift.proxy.model.HostPort;
import org.tlsuplift.proxy.route.Cidr;
import org.tlsuplift.server.config.SignInConfig;
import org.tlsuplift.server.config.SignInTenant;
import org.tlsuplift.server.config.SmtpReach;
import org.tlsuplift.server.microsoft365.Cloud;

/**
 * The choices of the operator.
 *
 * @param config the file to write
 * @param data the directory for the CA and the inventory
 * @param names names and addresses of this machine for devices, normalised, at least one
 * @param ways at least one
 * @param signIn null without sign-in
 * @param directSend null without direct send
 * @param antique null without antique listeners
 * @param administrator the user of the pages who may change everything; null for none
 * @param cloud the cloud with the mail servers, which is that of the sign-in
 */
public record Choices(
    Path config,
    Path data,
    List<String> names,
    Set<WayIn> ways,
    @Nullable SignIn signIn,
    @Nullable DirectSend directSend,
    @Nullable Antique antique,
    @Nullable String administrator,
    Cloud cloud) {
  public Choices {
    names = List.copyOf(names);
    ways = Set.copyOf(ways);
  }

  /**
   * How TLS Uplift signs in for devices.
   *
   * @param tenant the tenant's ID or domain
   * @param applicationId the ID of the application that is registered there
   * @param applicationObjectId the object ID of its registration; or null if it is not known
   * @param flow how TLS Uplift gets tokens
   * @param cloud the cloud of the tenant
   * @param clientSecretFile the file with the application's secret, or null
   * @param certificate the certificate of the application, or null; both are null if users sign in
   * @param scripted whether the scripts for the tenant's administrator were written
   */
  public record SignIn(
      String tenant,
      String applicationId,
      @Nullable String applicationObjectId,
      SignInConfig.Flow flow,
      Cloud cloud,
      @Nullable Path clientSecretFile,
      @Nullable ApplicationCertificate certificate,
      boolean scripted) {
    /** The ID in a configuration until the tenant's administrator has sent it. */
    public static final String PENDING = SignInTenant.PENDING;

    /** Whether the ID of the application is not known yet. */
    public boolean isPending() {
      return applicationId.equals(PENDING);
    }

    /** A tenant of the worldwide cloud whose application has a secret. */
    SignIn(
        String tenant,
        String applicationId,
        SignInConfig.Flow flow,
        @Nullable Path clientSecretFile) {
      this(tenant, applicationId, null, flow, Cloud.WORLDWIDE, clientSecretFile, null, false);
    }
  }

  /**
   * Mail without a sign-in.
   *
   * @param mxHost the MX host of the organization, normalised
   * @param senders the only senders of devices, at least one
   */
  public record DirectSend(String mxHost, List<String> senders) {
    public DirectSend {
      senders = List.copyOf(senders);
    }

    /** The origin, where Exchange Online accepts mail without a sign-in. */
    HostPort origin() {
      return new HostPort(mxHost, SmtpReach.RECEIVING);
    }
  }

  /**
   * The devices of the antique listeners, and their last day.
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

  /** The directory of the configuration, which also gets the exported CA certificate. */
  Path directory() {
    return config.resolveSibling("");
  }

  /** The server name to enter in a device: the first full name, else the first name or address. */
  String serverName() {
    return names.stream()
        .filter(name -> HostPort.isHostName(name) && name.contains("."))
        .findFirst()
        .orElse(names.get(0));
  }
}
