package org.tlsuplift.server.config;

import java.net.URI;
import java.nio.file.Path;
import java.util.List;
import org.jspecify.annotations.Nullable;
import org.tlsuplift.proxy.model.Labelled;
import org.tlsuplift.proxy.route.Cidr;
import org.tlsuplift.proxy.signin.limits.MailboxLimits;

/**
 * How devices that know passwords only are signed in at Microsoft 365, component for component as
 * the YAML has it.
 *
 * @param tenant the organisation: a GUID or one of its domains
 * @param applicationId the GUID of the application that is registered there
 * @param flow how tokens are had
 * @param clientSecretFile its first line is the application's secret, or null
 * @param certificate what the application proves itself with instead, or null
 * @param cloud where the tenant is
 * @param authority the identity platform's address where it is another than the cloud's, or null;
 *     https, without a path
 * @param accounts who may sign in
 * @param accountsFile a file with more of them, which is read again when it changes, or null
 * @param limits what one mailbox may do at once, over all its devices
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

  /** The address under which the tenant issues tokens, such as {@code https://host/tenant/}. */
  public String tenantAuthority() {
    String host = authority == null ? cloud.authority() : authority.toString();
    return host + "/" + tenant + "/";
  }

  /** How tokens are had. */
  public enum Flow implements Labelled {
    /** The application signs in as itself, for every mailbox it was given. */
    APPLICATION("application"),
    /** Somebody signs in for each mailbox, once, in a browser. */
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

  /** Where a tenant is: which identity platform, and how its mail service is called there. */
  public enum Cloud implements Labelled {
    /** Everybody, and GCC. */
    WORLDWIDE(
        "worldwide",
        "https://login.microsoftonline.com",
        "https://outlook.office365.com",
        "https://outlook.office.com"),
    /** The US government's, GCC High. */
    GCC_HIGH(
        "gcc-high",
        "https://login.microsoftonline.us",
        "https://outlook.office365.us",
        "https://outlook.office365.us"),
    /** The US Department of Defense's. */
    DOD(
        "dod",
        "https://login.microsoftonline.us",
        "https://outlook-dod.office365.us",
        "https://outlook-dod.office365.us"),
    /** China's, operated by 21Vianet. */
    CHINA(
        "china",
        "https://login.partner.microsoftonline.cn",
        "https://partner.outlook.cn",
        "https://partner.outlook.cn");

    private final String label;
    private final String authority;
    private final String application;
    private final String delegated;

    Cloud(String label, String authority, String application, String delegated) {
      this.label = label;
      this.authority = authority;
      this.application = application;
      this.delegated = delegated;
    }

    @Override
    public String label() {
      return label;
    }

    /** The identity platform, without a path. */
    public String authority() {
      return authority;
    }

    /** What an application asks for. */
    public String applicationScope() {
      return application + "/.default";
    }

    /** The scopes of a user who signs in. */
    public List<String> delegatedScopes() {
      return List.of(
          delegated + "/SMTP.Send",
          delegated + "/IMAP.AccessAsUser.All",
          delegated + "/POP.AccessAsUser.All");
    }
  }

  /**
   * An account: a login with a password, or addresses, and the mailbox they belong to.
   *
   * @param login what a device signs in with, in lower case; null where its address has to do
   * @param passwordHash the password as bcrypt or Argon2id; null without a login
   * @param devices where it may come from; empty for everywhere, which needs a login
   * @param mailbox the address that it is signed in as
   * @param allowedSenders what it may send as: addresses or {@code @domain}, in lower case; empty
   *     when Microsoft 365 alone decides
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
