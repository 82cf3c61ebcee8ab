package org.tlsuplift.server.config;

import java.nio.file.Path;
import java.time.Duration;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;
import org.tlsuplift.proxy.model.HostPort;
import org.tlsuplift.proxy.model.Labelled;
import org.tlsuplift.proxy.model.MailProtocol;
import org.tlsuplift.proxy.route.Cidr;
import org.tlsuplift.proxy.signin.limits.MailboxLimits;
import org.tlsuplift.server.config.binding.Checked;
import org.tlsuplift.server.config.binding.Form;
import org.tlsuplift.server.config.binding.Key;
import org.tlsuplift.server.config.binding.SchemaRules;
import org.tlsuplift.server.config.binding.Section;
import org.tlsuplift.server.mail.MailAddresses;
import org.tlsuplift.server.microsoft365.Cloud;
import org.tlsuplift.server.signin.AccountEntry;
import org.tlsuplift.server.signin.PasswordHash;

/**
 * Sign-in at origins for devices with passwords.
 *
 * @param tenants with different names; empty if all accounts have {@code upstream}
 * @param accountsFile a file with more accounts, reloaded when it changes; or null
 * @param shareAccounts whether all instances share this file by their database
 * @param limits for one mailbox of Exchange Online, over all its devices
 * @param allowedMailboxes addresses or {@code @domain}, in lower case, that the admin port may give
 *     to accounts; empty for the default of each role
 */
@SchemaRules(
    """
    anyOf: [{required: [accounts]}, {required: [accountsFile]}]
    """)
public record SignInConfig(
    @Key(orSelf = true) List<SignInTenant> tenants,
    List<Account> accounts,
    @Nullable Path accountsFile,
    boolean shareAccounts,
    @Key(fallback = "{}") Limits limits,
    @Key(form = MailAddresses.Recipient.class) List<String> allowedMailboxes,
    @Key(fallback = "true") boolean dailyCheck,
    @Key(fallback = "true") boolean renewCertificates)
    implements Checked {
  private static final String USER = "1 to 255 printable characters";
  private static final String USER_SCHEMA =
      "{type: string, maxLength: 255, pattern: '^[^\\s\\u0000-\\u001f\\u007f-\\u009f]"
          + "([^\\u0000-\\u001f\\u007f-\\u009f]*[^\\s\\u0000-\\u001f\\u007f-\\u009f])?$'}";

  private static final String HASH =
      "a bcrypt or Argon2id hash; run 'tls-uplift accounts hash' to get one";

  public static final String DEVICES = "address blocks, such as 10.1.2.0/24 or \"fd00::/64\"";
  public static final String ORIGIN = "host:port, such as smtp.azurecomm.net:587";

  public SignInConfig {
    tenants = List.copyOf(tenants);
    accounts = List.copyOf(accounts);
    allowedMailboxes = List.copyOf(allowedMailboxes);
  }

  /** A copy whose tenants without a cloud are in this one. */
  SignInConfig in(Cloud cloud) {
    return with(tenants.stream().map(tenant -> tenant.in(cloud)).toList(), accounts);
  }

  @Override
  public void check(Section section) {
    if (!section.has("accounts") && !section.has("accountsFile")) {
      section.missing(
          "accounts",
          "a list of accounts, or 'accountsFile' with the path of a file",
          "add an account, so that devices can sign in: tls-uplift accounts add");
    }
    for (int i = 0; i < tenants.size(); i++) {
      String key = "tenants[" + i + "].name";
      String name = tenants.get(i).name();
      if (section.has(key)
          && section.clean(key)
          && tenants.subList(0, i).stream().anyMatch(each -> each.name().equals(name))) {
        section.contradiction(key, "a unique name", "another tenant has the same name");
      }
    }
  }

  /** Limits for one mailbox of Exchange Online, over all its devices. */
  public record Limits(
      @Key(fallback = "3", min = "1", max = "1000") int sessions,
      @Key(fallback = "30", min = "1", max = "10000") int messagesPerMinute,
      @Key(fallback = "200", min = "0", max = "10000") int maximumWaiting,
      @Key(fallback = "25s", min = "0s", max = "2m") Duration maximumWait) {
    /** The limits for the core. */
    public MailboxLimits mailbox() {
      return new MailboxLimits(sessions, messagesPerMinute, maximumWaiting, maximumWait);
    }
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

  /** How an account signs in at the origin, for a list. */
  public String access(Account account) {
    Upstream upstream = account.upstream();
    return upstream == null
        ? tenantOf(account).map(SignInTenant::name).orElse("")
        : "password of " + upstream.user() + " at " + upstream.origin();
  }

  /** The path of a tenant's keys, such as {@code signIn.tenants[1]}. */
  public String path(SignInTenant tenant) {
    return tenant.isOnly() ? "signIn" : "signIn.tenants[" + tenants.indexOf(tenant) + "]";
  }

  /** This section without the accounts of the configuration itself. */
  public SignInConfig withoutAccounts() {
    return with(tenants, List.of());
  }

  private SignInConfig with(List<SignInTenant> of, List<Account> own) {
    return new SignInConfig(
        of,
        own,
        accountsFile,
        shareAccounts,
        limits,
        allowedMailboxes,
        dailyCheck,
        renewCertificates);
  }

  /** How the daemon gets tokens. */
  public enum Flow implements Labelled.WithDashes {
    /** The application signs in by itself, for each mailbox that it may open. */
    APPLICATION,
    /** A user signs in once for each mailbox, in a browser. */
    DEVICE_CODE;

    /**
     * The permission of Office 365 Exchange Online that a token needs (Microsoft, "Authenticate an
     * IMAP, POP or SMTP connection using OAuth").
     */
    public String permission(MailProtocol protocol) {
      boolean application = this == APPLICATION;
      return switch (protocol) {
        case SMTP -> application ? "SMTP.SendAsApp" : "SMTP.Send";
        case IMAP -> application ? "IMAP.AccessAsApp" : "IMAP.AccessAsUser.All";
        case POP3 -> application ? "POP.AccessAsApp" : "POP.AccessAsUser.All";
      };
    }
  }

  /** How messages of an account leave that no session takes along. */
  public enum SendBy implements Labelled {
    SMTP,
    /** Microsoft Graph. */
    GRAPH,
    /** SMTP, and Microsoft Graph while Microsoft says that SMTP AUTH is switched off. */
    AUTO
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
   * @param disabled whether its devices are refused as unknown ones are
   * @param sendBy how its messages leave that no session takes along
   */
  @SchemaRules(
      """
      anyOf: [{required: [login]}, {required: [devices]}]
      if: {required: [login]}
      then: {required: [passwordHash]}
      else: {properties: {passwordHash: false}}
      allOf:
        - if: {required: [upstream]}
          then: {properties: {tenant: false, sendBy: false}}
      """)
  public record Account(
      @Key(form = Login.class) @Nullable String login,
      @Key(secret = true, form = Hash.class) @Nullable String passwordHash,
      @Key(expected = DEVICES) List<Cidr> devices,
      @Key(required = true, form = MailAddresses.Mailbox.class) String mailbox,
      @Key(expected = "the name of a tenant") @Nullable String tenant,
      @Nullable Upstream upstream,
      @Key(form = MailAddresses.Sender.class) List<String> allowedSenders,
      boolean disabled,
      @Key(fallback = "smtp") SendBy sendBy)
      implements Checked {
    /** Without a user for the origin, the mailbox is the user. */
    public Account {
      devices = List.copyOf(devices);
      allowedSenders = List.copyOf(allowedSenders);
      if (upstream != null && upstream.user == null) {
        upstream = new Upstream(upstream.origin, mailbox, upstream.passwordFile);
      }
    }

    @Override
    public void check(Section section) {
      if (!section.has("login") && !section.has("devices")) {
        section.missing("login", USER, "add 'login', or 'devices' for devices that cannot sign in");
      }
      if (section.has("upstream")) {
        section.refuse("tenant", "'upstream' is set too; keep one of the two");
        section.refuse("sendBy", "'upstream' is set too, and Graph accepts no password");
      }
      if (!section.has("login")) {
        section.refuse("passwordHash", "'login' is missing; add it, or remove the key");
      } else if (!section.has("passwordHash")) {
        section.missing("passwordHash", HASH, "");
      }
    }

    /** This account with another password hash. */
    public Account withPasswordHash(String hash) {
      return new Account(
          login, hash, devices, mailbox, tenant, upstream, allowedSenders, disabled, sendBy);
    }

    /** This account, enabled or disabled. */
    public Account disabled(boolean off) {
      return new Account(
          login, passwordHash, devices, mailbox, tenant, upstream, allowedSenders, off, sendBy);
    }

    /** This account, whose messages leave in another way. */
    public Account sendBy(SendBy way) {
      return new Account(
          login, passwordHash, devices, mailbox, tenant, upstream, allowedSenders, disabled, way);
    }

    /** What no other account has: the login or, without one, the addresses. */
    public String key() {
      return AccountEntry.key(login, devices);
    }

    /** Its texts, by the names that pages and tables use. */
    public Map<String, String> fields() {
      Map<String, String> fields = new LinkedHashMap<>();
      fields.put("login", login == null ? "" : login);
      fields.put("mailbox", mailbox);
      fields.put("networks", joined(devices));
      fields.put("allowed-senders", joined(allowedSenders));
      fields.put("tenant", tenant == null ? "" : tenant);
      fields.put("disabled", String.valueOf(disabled));
      return fields;
    }

    private static String joined(List<?> values) {
      return values.stream().map(Object::toString).collect(Collectors.joining(" "));
    }

    /** For the audit log: without the login, which is its key, and without a password. */
    public String words() {
      return fields().entrySet().stream()
              .filter(field -> !field.getValue().isEmpty() && !field.getKey().equals("login"))
              .map(field -> field.getKey() + " " + field.getValue())
              .collect(Collectors.joining(", "))
          + (upstream == null ? "" : ", upstream " + upstream.origin + " as " + upstream.user)
          + (sendBy == SendBy.SMTP ? "" : ", sent by " + sendBy.label());
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
  public record Upstream(
      @Key(
              required = true,
              expected = ORIGIN,
              remedy = "name the origin: the password is sent to no other one")
          HostPort origin,
      @Key(form = User.class) String user,
      @Key(required = true) Path passwordFile) {}

  /** The name of a user. */
  @Form.Rules(expected = USER, schema = USER_SCHEMA)
  public static final class User implements Form<String> {
    private static final int MAX = 255;

    @Override
    public String parse(String text) {
      if (text.length() > MAX || !text.equals(text.strip()) || !text.matches("[^\\p{Cntrl}]+")) {
        throw new IllegalArgumentException("");
      }
      return text;
    }
  }

  /** The login of an account, in lower case. */
  @Form.Rules(expected = USER, schema = USER_SCHEMA)
  public static final class Login implements Form<String> {
    private final User user = new User();

    @Override
    public String parse(String text) {
      return user.parse(text).toLowerCase(Locale.ROOT);
    }
  }

  /** The hash of a password; a wrong text may be the password. */
  @Form.Rules(expected = HASH, pattern = AdminConfig.Hash.PATTERN)
  static final class Hash implements Form<String> {
    @Override
    public String parse(String text) {
      PasswordHash.parse(text);
      return text;
    }

    @Override
    public String shown(String wrong) {
      return "***";
    }
  }
}
