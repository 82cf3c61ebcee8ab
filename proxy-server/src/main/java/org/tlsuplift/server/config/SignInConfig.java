package org.tlsuplift.server.config;

import java.net.URI;
import java.nio.file.Path;
import java.util.List;
import org.jspecify.annotations.Nullable;
import org.tlsuplift.proxy.model.Labelled;
import org.tlsuplift.proxy.route.Cidr;
import org.tlsuplift.proxy.signin.limits.MailboxLimits;
import org.tlsuplift.server.microsoft365.Cloud;

/**
 * Sign-in at Microsoft 365 for devices with passwords.
 *
 * @param tenant a GUID or a domain
 * @param applicationId a GUID
 * @param clientSecretFile its first line is the application's secret; or null
 * @param certificate the application's credential instead of a secret; or null
 * @param authority the identity platform's address, https without a path; null for the cloud's own
 * @param accountsFile a file with more accounts, reloaded when it changes; or null
 * @param limits for one mailbox, over all its devices
 */
public record SignInConfig(
    String tenant,
    String applicationId,
    Flow flow,
    @Nullable Path clientSecretFile,
    @Nullable KeyFiles certificate,
    Cloud cloud,
    @Nullable URI authority,
    List<Account> accounts,
    @Nullable Path accountsFile,
    MailboxLimits limits) {
  public SignInConfig {
    accounts = List.copyOf(accounts);
  }

  /** The address at which the tenant issues tokens, such as {@code https://host/tenant/}. */
  public String tenantAuthority() {
    String host = authority == null ? cloud.authority() : authority.toString();
    return host + "/" + tenant + "/";
  }

  /** How the daemon gets tokens. */
  public enum Flow implements Labelled {
    /** The application signs in by itself, for each mailbox that it may open. */
    APPLICATION("application"),
    /** A user signs in once for each mailbox, in a browser. */
    DEVICE_CODE("device-code");

    private final String label;

    Flow(String label) {
      this.label = label;
    }

    @Override
    public String label() {
      return label;
    }
  }

  /**
   * An account: a login with a password, or device addresses, and their mailbox.
   *
   * @param login in lower case; null if the address identifies the device
   * @param passwordHash bcrypt or Argon2id; null without a login
   * @param devices the allowed addresses; empty for all, which needs a login
   * @param allowedSenders addresses or {@code @domain}, in lower case; empty if Microsoft 365 alone
   *     decides
   */
  public record Account(
      @Nullable String login,
      @Nullable String passwordHash,
      List<Cidr> devices,
      String mailbox,
      List<String> allowedSenders) {
    public Account {
      devices = List.copyOf(devices);
      allowedSenders = List.copyOf(allowedSenders);
    }

    @Override
    public String toString() {
      return (login == null ? "devices at " + devices : "login " + login) + " as " + mailbox;
    }
  }
}
