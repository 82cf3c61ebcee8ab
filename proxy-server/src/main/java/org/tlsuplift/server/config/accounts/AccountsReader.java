package org.tlsuplift.server.config.accounts;

import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;
import org.tlsuplift.proxy.model.HostPort;
import org.tlsuplift.proxy.route.Cidr;
import org.tlsuplift.server.config.MailAddresses;
import org.tlsuplift.server.config.SignInConfig;
import org.tlsuplift.server.config.yaml.FilePath;
import org.tlsuplift.server.config.yaml.Problems;
import org.tlsuplift.server.config.yaml.Section;
import org.tlsuplift.server.signin.password.PasswordHash;

/** Reads accounts from the configuration or an accounts file. */
public final class AccountsReader {
  private static final String LOGIN = "1 to 255 printable characters";
  private static final String HASH =
      "a bcrypt or Argon2id hash; run 'tls-uplift accounts hash' to get one";
  private static final String SENDER =
      "mail addresses, such as scanner@contoso.com, or \"@contoso.com\" for a whole domain";
  private static final String TENANT = "the name of a tenant";
  private static final String ORIGIN = "host:port, such as smtp.azurecomm.net:587";
  private static final String FILE = "the path of a file";

  /** Stands for an invalid origin; the configuration is then refused. */
  private static final HostPort NO_ORIGIN = new HostPort("invalid", 1);

  private static final String USER = "1 to 255 printable characters";
  private static final String DEVICES = "address blocks, such as 10.1.2.0/24 or \"fd00::/64\"";

  private AccountsReader() {}

  public static List<SignInConfig.Account> read(Section parent) {
    List<SignInConfig.Account> accounts = new ArrayList<>();
    for (Section section : parent.sections("accounts")) {
      accounts.add(account(section));
    }
    return accounts;
  }

  /**
   * Creates an account from the command line.
   *
   * @throws IllegalArgumentException with the invalid part, in one line
   */
  public static SignInConfig.Account of(
      @Nullable String login,
      @Nullable String passwordHash,
      List<String> devices,
      String mailbox,
      @Nullable String tenant,
      SignInConfig.@Nullable Upstream upstream,
      List<String> allowedSenders) {
    return new SignInConfig.Account(
        login == null ? null : understood("login", login, LOGIN, AccountsReader::login),
        passwordHash,
        devices.stream().map(text -> understood("--device", text, DEVICES, Cidr::parse)).toList(),
        understood("--mailbox", mailbox, MailAddresses.MAILBOX, MailAddresses::mailbox),
        tenant,
        upstream,
        allowedSenders.stream()
            .map(text -> understood("--allowed-sender", text, SENDER, MailAddresses::sender))
            .toList());
  }

  /**
   * Creates the password sign-in of an account from the command line.
   *
   * @param user null for the mailbox
   * @throws IllegalArgumentException with the invalid part, in one line
   */
  public static SignInConfig.Upstream upstream(
      String origin, @Nullable String user, String mailbox, Path passwordFile) {
    return new SignInConfig.Upstream(
        understood("--upstream-origin", origin, ORIGIN, AccountsReader::origin),
        understood("--upstream-user", user == null ? mailbox : user, USER, AccountsReader::user),
        passwordFile);
  }

  private static <T> T understood(
      String what, String text, String expected, Function<String, T> meaning) {
    try {
      return meaning.apply(text);
    } catch (IllegalArgumentException wrong) {
      String why = String.valueOf(wrong.getMessage());
      throw new IllegalArgumentException(
          what
              + ": "
              + Problems.got(text)
              + "; expected "
              + expected
              + (why.isEmpty() ? "" : "; " + why),
          wrong);
    }
  }

  private static SignInConfig.Account account(Section section) {
    String login = section.value("login", LOGIN, AccountsReader::login).orElse(null);
    List<Cidr> devices = section.list("devices", DEVICES, Cidr::parse);
    if (!section.has("login") && !section.has("devices")) {
      section.missing("login", LOGIN, "add 'login', or 'devices' for devices that cannot sign in");
    }
    String mailbox =
        section.required("mailbox", MailAddresses.MAILBOX, MailAddresses::mailbox).orElse("");
    if (section.has("upstream")) {
      section.refuse("tenant", "'upstream' is set too; keep one of the two");
    }
    SignInConfig.Account account =
        new SignInConfig.Account(
            login,
            passwordHash(section),
            devices,
            mailbox,
            section.value("tenant", TENANT, text -> text).orElse(null),
            upstream(section, mailbox),
            section.list("allowedSenders", SENDER, MailAddresses::sender));
    section.end();
    return account;
  }

  private static SignInConfig.@Nullable Upstream upstream(Section account, String mailbox) {
    Section section = account.section("upstream");
    if (!account.has("upstream")) {
      return null;
    }
    if (!section.has("origin")) {
      section.missing("origin", ORIGIN, "name the origin: the password is sent to no other one");
    }
    Optional<HostPort> origin = section.value("origin", ORIGIN, AccountsReader::origin);
    String user = section.value("user", USER, AccountsReader::user).orElse(mailbox);
    Optional<Path> file = section.required("passwordFile", FILE, FilePath::of);
    section.end();
    return new SignInConfig.Upstream(origin.orElse(NO_ORIGIN), user, file.orElse(Path.of("")));
  }

  private static HostPort origin(String text) {
    return HostPort.parse(text)
        .orElseThrow(
            () -> new IllegalArgumentException(text.contains("://") ? "remove the scheme" : ""));
  }

  private static String user(String text) {
    if (text.length() > 255 || !text.equals(text.strip()) || !text.matches("[^\\p{Cntrl}]+")) {
      throw new IllegalArgumentException("");
    }
    return text;
  }

  private static @Nullable String passwordHash(Section section) {
    if (!section.has("login")) {
      section.refuse("passwordHash", "'login' is missing; add it, or remove the key");
      return null;
    }
    if (!section.has("passwordHash")) {
      section.missing("passwordHash", HASH, "");
    }
    // The value may be a password by mistake.
    return section.guarded("passwordHash", HASH, AccountsReader::hash, text -> "***").orElse(null);
  }

  private static String hash(String text) {
    PasswordHash.parse(text);
    return text;
  }

  private static String login(String text) {
    return user(text).toLowerCase(Locale.ROOT);
  }
}
