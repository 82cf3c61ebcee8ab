package org.tlsuplift.server.command.text;

import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Objects;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Collectors;
import org.tlsuplift.server.config.AccountsFile;
import org.tlsuplift.server.config.DatabaseConfig;
import org.tlsuplift.server.config.LoadedConfig;
import org.tlsuplift.server.config.ServerConfig;
import org.tlsuplift.server.config.SignInConfig;
import org.tlsuplift.server.config.SignInTenant;
import org.tlsuplift.server.config.binding.ConfigProblem;
import org.tlsuplift.server.config.binding.InvalidConfigException;
import org.tlsuplift.server.daemon.TokenSource;

/** The sign-in of a configuration as text for a terminal. */
public final class SignInText {
  private SignInText() {}

  /**
   * How devices are signed in: a line for each tenant, and one for passwords. None if devices sign
   * in at the origin.
   */
  public static List<String> lines(ServerConfig config) throws InvalidConfigException {
    SignInConfig signIn = config.signIn();
    if (signIn == null) {
      return List.of();
    }
    List<SignInConfig.Account> accounts = AccountsFile.all(signIn);
    List<String> lines = new ArrayList<>();
    for (SignInTenant tenant : signIn.tenants()) {
      List<String> mailboxes =
          accounts.stream()
              .filter(account -> signIn.tenantOf(account).equals(Optional.of(tenant)))
              .map(SignInConfig.Account::mailbox)
              .toList();
      lines.add(
          "%s: %d accounts for %d mailboxes%s, application %s at %s, %s"
              .formatted(
                  tenant.isOnly() ? "sign-in" : "sign-in of tenant " + tenant.name(),
                  mailboxes.size(),
                  mailboxes.stream().distinct().count(),
                  switch (tenant.service()) {
                    case EXCHANGE -> "";
                    case HVE -> " of High Volume Email";
                  },
                  tenant.applicationId(),
                  tenant.tenantAuthority(),
                  credential(tenant)));
    }
    List<SignInConfig.Upstream> passwords =
        accounts.stream()
            .map(SignInConfig.Account::upstream)
            .filter(Objects::nonNull)
            .map(Objects::requireNonNull)
            .toList();
    if (!passwords.isEmpty()) {
      lines.add(
          "sign-in with passwords: %d accounts, at %s"
              .formatted(
                  passwords.size(),
                  passwords.stream()
                      .map(each -> each.origin().toString())
                      .distinct()
                      .collect(Collectors.joining(", "))));
    }
    return lines;
  }

  private static String credential(SignInTenant tenant) {
    return switch (tenant.flow()) {
      case DEVICE_CODE -> "users sign in by device code";
      case APPLICATION ->
          tenant.certificate() != null
              ? "with its certificate"
              : "with its secret"
                  + (tenant.secretExpires() == null
                      ? ""
                      : ", which expires on " + tenant.secretExpires());
    };
  }

  /** The mailboxes for which a user must sign in first. No database is asked. */
  static List<ConfigProblem> warnings(LoadedConfig loaded) throws InvalidConfigException {
    ServerConfig config = loaded.config();
    SignInConfig signIn = config.signIn();
    DatabaseConfig database = config.database();
    if (signIn == null || (database != null && database.keyFile() != null)) {
      return List.of();
    }
    Set<ConfigProblem> warnings = new LinkedHashSet<>();
    for (SignInConfig.Account account : AccountsFile.all(signIn)) {
      signIn
          .tenantOf(account)
          .filter(tenant -> !account.disabled())
          .filter(tenant -> TokenSource.needsUserSignInLocally(loaded, tenant, account.mailbox()))
          .ifPresent(tenant -> warnings.add(awaiting(signIn.path(tenant), account.mailbox())));
    }
    return List.copyOf(warnings);
  }

  private static ConfigProblem awaiting(String path, String mailbox) {
    return new ConfigProblem(
        path + ".flow",
        "no user has signed in for " + mailbox,
        "",
        "run: tls-uplift accounts sign-in " + mailbox);
  }
}
