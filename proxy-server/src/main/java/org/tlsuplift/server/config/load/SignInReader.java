package org.tlsuplift.server.config.load;

import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;
import org.tlsuplift.proxy.model.HostPort;
import org.tlsuplift.proxy.signin.limits.MailboxLimits;
import org.tlsuplift.server.config.SignInConfig;
import org.tlsuplift.server.config.SignInTenant;
import org.tlsuplift.server.config.accounts.AccountsReader;
import org.tlsuplift.server.config.yaml.FilePath;
import org.tlsuplift.server.config.yaml.Section;
import org.tlsuplift.server.microsoft365.Cloud;

/** Reads {@code signIn}. */
public final class SignInReader {
  public static final String TENANT =
      "the tenant's ID, such as 72f988bf-86f1-41af-91ab-2d7cd011db47, or its domain, such as"
          + " contoso.onmicrosoft.com";
  public static final String APPLICATION_ID =
      "the application's ID, such as 00000003-0000-0ff1-ce00-000000000000";
  private static final Pattern GUID =
      Pattern.compile("[0-9a-fA-F]{8}(-[0-9a-fA-F]{4}){3}-[0-9a-fA-F]{12}");

  private static final int MAX_SESSIONS = 1000;
  private static final int MAX_MESSAGES = 10_000;
  private static final int MAX_WAITING = 10_000;

  private SignInReader() {}

  /**
   * Reads the section; null if there is none.
   *
   * @param cloud of {@code microsoft365}, for tenants without their own
   */
  static @Nullable SignInConfig read(Section root, Cloud cloud) {
    Section section = root.section("signIn");
    if (!root.has("signIn")) {
      return null;
    }
    List<SignInTenant> tenants = tenants(section, cloud);
    if (!section.has("accounts") && !section.has("accountsFile")) {
      section.missing(
          "accounts",
          "a list of accounts, or 'accountsFile' with the path of a file",
          "add an account, so that devices can sign in: tls-uplift accounts add");
    }
    SignInConfig config =
        new SignInConfig(
            tenants,
            AccountsReader.read(section),
            section.value("accountsFile", ConfigReader.PATH, FilePath::of).orElse(null),
            section.flag("shareAccounts"),
            limits(section.section("limits")));
    section.end();
    return config;
  }

  /** Several tenants, or one in the keys of the section itself, or none if passwords suffice. */
  private static List<SignInTenant> tenants(Section section, Cloud cloud) {
    List<Section> several = section.sections("tenants");
    if (!section.has("tenants")) {
      return TenantReader.KEYS.stream().anyMatch(section::has)
          ? List.of(TenantReader.only(section, cloud))
          : none(section);
    }
    TenantReader.KEYS.forEach(
        key -> section.refuse(key, "'tenants' is set too; move the key to one of the tenants"));
    List<SignInTenant> tenants = new ArrayList<>();
    for (Section each : several) {
      SignInTenant tenant = TenantReader.named(each, cloud);
      if (each.clean("name") && tenants.stream().anyMatch(t -> t.name().equals(tenant.name()))) {
        each.contradiction("name", "a unique name", "another tenant has the same name");
      }
      tenants.add(tenant);
    }
    return tenants;
  }

  /** Accounts with 'upstream' need no tenant; {@code AccountChecks} reports the others. */
  private static List<SignInTenant> none(Section section) {
    TenantReader.KEYS.forEach(section::allow);
    return List.of();
  }

  private static MailboxLimits limits(Section section) {
    MailboxLimits defaults = MailboxLimits.MICROSOFT_365;
    MailboxLimits limits =
        new MailboxLimits(
            section.integer("sessions", defaults.sessions(), 1, MAX_SESSIONS),
            section.integer("messagesPerMinute", defaults.messagesPerMinute(), 1, MAX_MESSAGES),
            section.integer("maximumWaiting", defaults.maximumWaiting(), 0, MAX_WAITING),
            section.duration(
                "maximumWait", defaults.maximumWait(), Duration.ZERO, MailboxLimits.LONGEST_WAIT));
    section.end();
    return limits;
  }

  /**
   * Parses a tenant.
   *
   * @throws IllegalArgumentException with the remedy, which may be empty
   */
  public static String tenant(String text) {
    if (GUID.matcher(text).matches()) {
      return text.toLowerCase(Locale.ROOT);
    }
    String domain = HostPort.normalise(text);
    if (!HostPort.isHostName(domain) || !domain.contains(".")) {
      throw new IllegalArgumentException(
          List.of("common", "organizations", "consumers").contains(domain)
              ? "name the tenant that has the mailboxes"
              : "");
    }
    return domain;
  }

  /**
   * Parses the ID of an application.
   *
   * @throws IllegalArgumentException with the remedy
   */
  public static String applicationId(String text) {
    if (!GUID.matcher(text).matches()) {
      throw new IllegalArgumentException(
          "copy the 'Application (client) ID' from the Entra admin centre");
    }
    return text.toLowerCase(Locale.ROOT);
  }
}
