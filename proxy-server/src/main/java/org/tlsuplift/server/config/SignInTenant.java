package org.tlsuplift.server.config;

import java.net.URI;
import java.nio.file.Path;
import java.time.Duration;
import java.time.LocalDate;
import java.util.List;
import org.jspecify.annotations.Nullable;
import org.tlsuplift.proxy.model.Labelled;
import org.tlsuplift.server.microsoft365.Cloud;

/**
 * A tenant of Microsoft 365, and the application that gets its tokens.
 *
 * @param name unique, for accounts, metrics and messages; a single tenant has its {@code tenant}
 * @param tenant a GUID or a domain
 * @param applicationId a GUID
 * @param clientSecretFile its first line is the application's secret; or null
 * @param certificate the application's credential instead of a secret; or null
 * @param secretExpires the day on which the secret expires; or null if it is not known
 * @param authority the identity platform's address, https without a path; null for the cloud's own
 * @param origins the hosts that get its tokens, normalised; empty for those of {@link TokenHosts}
 */
public record SignInTenant(
    String name,
    String tenant,
    String applicationId,
    SignInConfig.Flow flow,
    Service service,
    @Nullable Path clientSecretFile,
    @Nullable KeyFiles certificate,
    @Nullable LocalDate secretExpires,
    Cloud cloud,
    @Nullable URI authority,
    List<String> origins) {
  public SignInTenant {
    origins = List.copyOf(origins);
  }

  /** The mail service that accepts the tokens. */
  public enum Service implements Labelled {
    /** Exchange Online. It checks a token once, at the sign-in. */
    EXCHANGE(Duration.ofSeconds(60)),
    /**
     * High Volume Email: sends mail inside the tenant, and has no limits for each account. It
     * refuses a token that expires soon ({@code 535 5.7.142}).
     */
    HVE(Duration.ofMinutes(5));

    private final Duration reserve;

    Service(Duration reserve) {
      this.reserve = reserve;
    }

    /** How much longer a token must be valid when it is used. */
    public Duration reserve() {
      return reserve;
    }
  }

  /** Whether its keys are those of {@code signIn} itself; names of others are no tenants. */
  public boolean isOnly() {
    return name.equals(tenant);
  }

  /** The address of the identity platform, such as {@code https://host}. */
  public String platform() {
    return authority == null ? cloud.authority() : authority.toString();
  }

  /** The address at which the tenant issues tokens, such as {@code https://host/tenant/}. */
  public String tenantAuthority() {
    return platform() + "/" + tenant + "/";
  }

  /** The scopes of its tokens. */
  public List<String> scopes() {
    return switch (service) {
      case EXCHANGE ->
          switch (flow) {
            case APPLICATION -> List.of(cloud.applicationScope());
            case DEVICE_CODE -> cloud.delegatedScopes();
          };
      // Microsoft: "Use OAuth to authenticate HVE". It documents the worldwide cloud.
      case HVE -> List.of(cloud.highVolumeScope());
    };
  }

  /** Identifies the tokens of one application for one service, whatever the tenant is called. */
  public String tokenOwner() {
    return tenantAuthority()
        + " "
        + applicationId
        + (service == Service.EXCHANGE ? "" : " " + service.label());
  }
}
