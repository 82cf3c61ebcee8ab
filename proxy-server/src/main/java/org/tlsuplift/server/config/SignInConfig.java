package org.tlsuplift.server.config;

import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import org.jspecify.annotations.Nullable;
import org.tlsuplift.proxy.model.HostPort;
import org.tlsuplift.proxy.model.Labelled;
import org.tlsuplift.proxy.route.Cidr;
import org.tlsuplift.proxy.signin.limits.MailboxLimits;

/**
 * Sign-in at origins for devices with passwords.
 *
 * @param tenants with different names; empty if all accounts have {@code upstream}
 * @param accountsFile a file with more accounts, reloaded when it changes; or null
 * @param shareAccounts whether all instances share this file by their database
 * @param limits for one mailbox of Exchange Online, over all its devices
 */
public record SignInConfig(
    List<SignInTenant> tenants,
    List<Account> accounts,
    @Nullable Path accountsFile,
    boolean shareAccounts,
    MailboxLimits limits) {
  public SignInConfig {
    tenants = List.copyOf(tenants);
    accounts = List.copyOf(accounts);
  }

  public List<String> tenantNames() {
    return tenants.stream().map(SignInTenant::name).distinct().toList();
  }

  /** The tenant of a checked account; empty if it signs in with {@code upstream}. */
  public Optional<SignInTenant> tenantOf(Account account) {
    return account.upstream() != null
        ? Optional.empty()
        : tenants.stream()
            .filter(each -> account.tenant() == null || account.tenant().equals(each.name()))
            .findFirst();
  }

  /** The path of a tenant's keys, such as {@code signIn.tenants[1]}. */
  public String path(SignInTenant tenant) {
    return tenant.isOnly() ? "signIn" : "signIn.tenants[" + tenants.indexOf(tenant) + "]";
  }

  /** The same without the accounts of the configuration itself. */
  public SignInConfig withoutAccounts() {
    return new SignInConfig(tenants, List.of(), accountsFile, shareAccounts, limits);
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
   * @param tenant the name of its tenant; null for the only tenant, or with {@code upstream}
   * @param upstream the password for the origin; null if the tenant issues tokens
   * @param allowedSenders addresses or {@code @domain}, in lower case; empty if Microsoft 365 alone
   *     decides
   */
  public record Account(
      @Nullable String login,
      @Nullable String passwordHash,
      List<Cidr> devices,
      String mailbox,
      @Nullable String tenant,
      @Nullable Upstream upstream,
      List<String> allowedSenders) {
    public Account {
      devices = List.copyOf(devices);
      allowedSenders = List.copyOf(allowedSenders);
    }

    /** The same with this hash. */
    public Account withPasswordHash(String hash) {
      return new Account(login, hash, devices, mailbox, tenant, upstream, allowedSenders);
    }

    @Override
    public String toString() {
      return (login == null ? "devices at " + devices : "login " + login) + " as " + mailbox;
    }
  }

  /**
   * The sign-in at an origin with a password.
   *
   * @param origin the only origin that gets the password
   * @param user the name for the origin; printable
   * @param passwordFile its first line is the password
   */
  public record Upstream(HostPort origin, String user, Path passwordFile) {}
}
