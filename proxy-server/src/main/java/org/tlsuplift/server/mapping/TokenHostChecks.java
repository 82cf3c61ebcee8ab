package org.tlsuplift.server.mapping;

import java.util.List;
import java.util.function.Consumer;
import java.util.stream.Collectors;
import org.tlsuplift.proxy.model.HostPort;
import org.tlsuplift.server.config.AccountsFile;
import org.tlsuplift.server.config.ServerConfig;
import org.tlsuplift.server.config.SignInConfig;
import org.tlsuplift.server.config.TokenHosts;
import org.tlsuplift.server.config.binding.ConfigProblem;
import org.tlsuplift.server.config.binding.InvalidConfigException;
import org.tlsuplift.server.config.binding.Problems;

/**
 * Refuses a listener at which devices could only sign in with tokens that its origin must not get.
 *
 * <p>An account with a password for the origin makes the listener useful. The commands that add
 * such accounts load the configuration without this check.
 */
final class TokenHostChecks {
  private TokenHostChecks() {}

  /**
   * @throws InvalidConfigException if the accounts file cannot be read
   */
  static void check(ServerConfig config, Consumer<ConfigProblem> problems)
      throws InvalidConfigException {
    SignInConfig signIn = config.signIn();
    if (signIn == null || signIn.tenants().isEmpty()) {
      return;
    }
    List<TokenHosts> tokens =
        signIn.tenants().stream()
            .map(tenant -> TokenHosts.of(signIn, tenant, config.listeners()))
            .toList();
    for (int i = 0; i < config.listeners().size(); i++) {
      HostPort origin = config.listeners().get(i).origin();
      if (config.listeners().get(i).signIn()
          && origin != null
          && tokens.stream().noneMatch(hosts -> hosts.allow(origin))
          && isForTokensOnly(origin, AccountsFile.all(signIn))) {
        problems.accept(
            new ConfigProblem(
                "listeners[" + i + "].origin",
                Problems.got(origin),
                "a host that may get the tokens of the accounts: "
                    + tokens.stream()
                        .map(TokenHosts::names)
                        .distinct()
                        .collect(Collectors.joining(", ")),
                "set 'signIn: false' here, or add an account with 'upstream' for this origin; if the mailboxes are there, add the host to '%s'"
                    .formatted(tokens.get(0).key())));
      }
    }
  }

  private static boolean isForTokensOnly(HostPort origin, List<SignInConfig.Account> accounts) {
    return accounts.stream().anyMatch(account -> account.upstream() == null)
        && accounts.stream()
            .map(SignInConfig.Account::upstream)
            .noneMatch(upstream -> upstream != null && upstream.origin().equals(origin));
  }
}
