package org.tlsuplift.server.config.load;

import java.net.URI;
import java.net.URISyntaxException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Locale;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;
import org.tlsuplift.proxy.model.HostPort;
import org.tlsuplift.proxy.signin.limits.MailboxLimits;
import org.tlsuplift.server.config.KeyFiles;
import org.tlsuplift.server.config.SignInConfig;
import org.tlsuplift.server.config.accounts.AccountsReader;
import org.tlsuplift.server.config.yaml.Section;
import org.tlsuplift.server.config.yaml.Words;
import org.tlsuplift.server.microsoft365.Cloud;

/** Reads {@code signIn}. */
public final class SignInReader {
  public static final String TENANT =
      "the tenant's ID, such as 72f988bf-86f1-41af-91ab-2d7cd011db47, or its domain, such as"
          + " contoso.onmicrosoft.com";
  public static final String APPLICATION_ID =
      "the application's ID, such as 00000003-0000-0ff1-ce00-000000000000";
  private static final String AUTHORITY = "https://host or https://host:port";
  private static final Pattern GUID =
      Pattern.compile("[0-9a-fA-F]{8}(-[0-9a-fA-F]{4}){3}-[0-9a-fA-F]{12}");
  private static final Words<SignInConfig.Flow> FLOW = Words.of(SignInConfig.Flow.values());

  private static final int MAX_SESSIONS = 1000;
  private static final int MAX_MESSAGES = 10_000;
  private static final int MAX_WAITING = 10_000;

  private SignInReader() {}

  /**
   * Reads the section; null if there is none.
   *
   * @param cloud of {@code microsoft365}, unless this section has its own
   */
  static @Nullable SignInConfig read(Section root, Cloud cloud) {
    Section section = root.section("signIn");
    if (!root.has("signIn")) {
      return null;
    }
    SignInConfig.Flow flow = section.word("flow", FLOW).orElse(SignInConfig.Flow.APPLICATION);
    proof(section, flow);
    if (!section.has("accounts") && !section.has("accountsFile")) {
      section.missing(
          "accounts",
          "a list of accounts, or 'accountsFile' with the path of a file",
          "add an account, so that devices can sign in: tls-uplift accounts add");
    }
    SignInConfig config =
        new SignInConfig(
            section.required("tenant", TENANT, SignInReader::tenant).orElse(""),
            section
                .required("applicationId", APPLICATION_ID, SignInReader::applicationId)
                .orElse(""),
            flow,
            section.value("clientSecretFile", ConfigReader.PATH, Path::of).orElse(null),
            certificate(section),
            section.word("cloud", Microsoft365Reader.CLOUD).orElse(cloud),
            section.value("authority", AUTHORITY, SignInReader::authority).orElse(null),
            AccountsReader.read(section),
            section.value("accountsFile", ConfigReader.PATH, Path::of).orElse(null),
            limits(section.section("limits")));
    section.end();
    return config;
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

  /** The credential of the application: exactly one, or none if a user signs in. */
  private static void proof(Section section, SignInConfig.Flow flow) {
    if (!section.clean("flow")) {
      return;
    }
    switch (flow) {
      case APPLICATION -> {
        if (section.has("clientSecretFile") && section.has("certificate")) {
          section.refuse("clientSecretFile", "'certificate' is set too; keep one of the two");
        }
        if (!section.has("clientSecretFile") && !section.has("certificate")) {
          section.missing(
              "clientSecretFile",
              ConfigReader.PATH,
              "or set 'certificate', or 'flow: device-code': the application needs a credential, or a user must sign in");
        }
      }
      case DEVICE_CODE -> {
        String why =
            "with 'flow: device-code' a user signs in instead of the application; remove the key";
        section.refuse("clientSecretFile", why);
        section.refuse("certificate", why);
      }
    }
  }

  private static @Nullable KeyFiles certificate(Section section) {
    Section certificate = section.section("certificate");
    if (!section.has("certificate")) {
      return null;
    }
    if (!certificate.has("certificate") && !certificate.has("pkcs12")) {
      certificate.missing(
          "certificate", ConfigReader.PATH, "set 'certificate' and 'key', or 'pkcs12'");
    }
    KeyFiles files = KeyFilesReader.read(certificate);
    certificate.end();
    return files;
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

  private static URI authority(String text) {
    try {
      URI uri = new URI(text.replaceFirst("/$", ""));
      if ("http".equals(uri.getScheme())) {
        throw new IllegalArgumentException(
            "tokens are never requested in plaintext; write https://");
      }
      if (!"https".equals(uri.getScheme())
          || uri.getHost() == null
          || uri.getUserInfo() != null
          || !String.valueOf(uri.getRawPath()).isEmpty()
          || uri.getRawQuery() != null
          || uri.getRawFragment() != null
          || uri.getPort() > 65_535) {
        throw new IllegalArgumentException("write only host and port: the daemon adds the tenant");
      }
      return uri;
    } catch (URISyntaxException malformed) {
      throw new IllegalArgumentException("", malformed);
    }
  }
}
