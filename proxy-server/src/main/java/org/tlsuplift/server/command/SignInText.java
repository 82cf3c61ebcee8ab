package org.tlsuplift.server.command;

import java.util.ArrayList;
import java.util.List;
import org.tlsuplift.server.config.ServerConfig;
import org.tlsuplift.server.config.SignInConfig;
import org.tlsuplift.server.config.accounts.AccountsFile;
import org.tlsuplift.server.config.yaml.InvalidConfigException;
import org.tlsuplift.server.daemon.TokenSource;

/** Says how devices would be signed in. */
final class SignInText {
  private SignInText() {}

  /** The lines; none where devices sign in themselves. */
  static List<String> of(ServerConfig config) throws InvalidConfigException {
    SignInConfig signIn = config.signIn();
    if (signIn == null) {
      return List.of();
    }
    List<SignInConfig.Account> accounts = new ArrayList<>(signIn.accounts());
    if (signIn.accountsFile() != null) {
      accounts.addAll(AccountsFile.read(signIn.accountsFile(), signIn.accounts()));
    }
    List<String> lines = new ArrayList<>();
    lines.add(
        "  sign-in: %d accounts for %d mailboxes, application %s at %s, %s"
            .formatted(
                accounts.size(),
                accounts.stream().map(SignInConfig.Account::mailbox).distinct().count(),
                signIn.applicationId(),
                signIn.tenantAuthority(),
                proof(signIn)));
    TokenSource tokens = new TokenSource(config, signIn);
    accounts.stream()
        .map(SignInConfig.Account::mailbox)
        .distinct()
        .filter(tokens::awaitsSomebody)
        .forEach(
            mailbox ->
                lines.add(
                    "warning: nobody has signed in for "
                        + mailbox
                        + " yet; run: tls-uplift accounts sign-in "
                        + mailbox));
    return lines;
  }

  private static String proof(SignInConfig signIn) {
    if (signIn.flow() == SignInConfig.Flow.DEVICE_CODE) {
      return "by device code";
    }
    return signIn.certificate() == null ? "by its secret" : "by its certificate";
  }
}
