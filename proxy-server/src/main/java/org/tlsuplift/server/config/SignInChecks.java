package org.tlsuplift.server.config;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.tlsuplift.proxy.route.WhenModern;
import org.tlsuplift.server.config.binding.ConfigProblem;
import org.tlsuplift.server.config.binding.InvalidConfigException;
import org.tlsuplift.server.config.binding.Position;
import org.tlsuplift.server.config.binding.Problems;
import org.tlsuplift.server.config.secret.PasswordFile;
import org.tlsuplift.server.spool.SpoolSection;

/** Checks that listeners and sign-in match, and checks the files of sign-in. */
record SignInChecks(ServerConfig config, Problems problems) {
  /** Each tenant has its own threads. */
  private static final int MAX_TENANTS = 50;

  static void check(ServerConfig config, Problems problems) {
    SignInChecks checks = new SignInChecks(config, problems);
    for (int i = 0; i < config.listeners().size(); i++) {
      checks.listener("listeners[" + i + "]", config.listeners().get(i));
    }
    SignInConfig signIn = config.signIn();
    if (signIn != null) {
      checks.accounts(signIn);
      checks.shared(signIn);
      checks.tenants(signIn);
    }
  }

  private void listener(String path, ListenerConfig listener) {
    if (!listener.signIn()) {
      return;
    }
    if (config.signIn() == null) {
      problems.error(
          path + ".signIn",
          "got 'true'",
          "false, or true with the section 'signIn'",
          "add 'signIn' with tenant, application and accounts");
    }
    if (listener.whenModern() == WhenModern.TUNNEL && problems.clean(path + ".whenModern")) {
      problems.error(
          path + ".whenModern",
          "got 'tunnel'",
          "bridge, or 'signIn: false'",
          "a device cannot be signed in through a tunnel");
    }
  }

  private void accounts(SignInConfig signIn) {
    if (!problems.clean("signIn.accounts") || !problems.clean("signIn.accountsFile")) {
      return;
    }
    passwords(signIn.accounts(), "signIn.accounts", problems);
    unspooled(signIn.accounts());
    Path file = signIn.accountsFile();
    if (file == null || !Files.exists(file)) {
      AccountChecks.check(
          signIn.accounts(), signIn.tenants(), i -> "signIn.accounts[" + i + "]", problems);
      return;
    }
    try {
      // First alone, so that errors in the file are reported without the other accounts.
      AccountsFile.read(file, signIn.withoutAccounts());
      Problems passwords = new Problems();
      List<SignInConfig.Account> read = AccountsFile.read(file, signIn);
      passwords(read, "accounts", passwords);
      unspooled(read);
      inFile(file, passwords.errors());
    } catch (InvalidConfigException unusable) {
      inFile(file, unusable.problems());
    }
  }

  /** Warns about listeners that sign in at Microsoft 365 first for an account that uses Graph. */
  private void unspooled(List<SignInConfig.Account> accounts) {
    for (int i = 0; i < config.listeners().size(); i++) {
      ListenerConfig listener = config.listeners().get(i);
      SpoolSection spool = listener.spool();
      if (listener.signIn()
          && listener.service().protocol() == ListenerConfig.Protocol.SMTP
          && (spool == null || spool.when() != SpoolSection.When.ALWAYS)
          && accounts.stream().anyMatch(each -> each.sendBy() != SignInConfig.SendBy.SMTP)) {
        problems.warning(
            "listeners[" + i + "].mail.spool.when",
            "without 'always', mail of accounts with 'sendBy: graph' or 'auto' goes by SMTP first",
            "set 'mail: {spool: {when: always}}': Graph gets whole messages from the spool");
      }
    }
  }

  private static void passwords(List<SignInConfig.Account> accounts, String at, Problems problems) {
    for (int i = 0; i < accounts.size(); i++) {
      SignInConfig.Upstream upstream = accounts.get(i).upstream();
      if (upstream != null) {
        FileChecks.hidden(
            at + "[" + i + "].upstream.passwordFile",
            upstream.passwordFile(),
            PasswordFile::upstream,
            problems);
      }
    }
  }

  private void tenants(SignInConfig signIn) {
    if (signIn.tenants().size() > MAX_TENANTS) {
      problems.error(
          "signIn.tenants",
          "there are " + signIn.tenants().size() + " tenants",
          "at most " + MAX_TENANTS,
          "remove some");
    }
    for (SignInTenant tenant : signIn.tenants()) {
      String path = signIn.path(tenant);
      FileChecks.hidden(
          path + ".clientSecretFile", tenant.clientSecretFile(), PasswordFile::of, problems);
      if (tenant.certificate() != null && problems.clean(path + ".certificate")) {
        CertificateChecks.application(path + ".certificate", tenant.certificate(), problems);
      }
    }
  }

  private void shared(SignInConfig signIn) {
    if (!signIn.shareAccounts()) {
      return;
    }
    if (signIn.accountsFile() == null) {
      problems.error(
          "signIn.shareAccounts",
          "got 'true'",
          "false, or true with 'signIn.accountsFile'",
          "set accountsFile to a file that the daemon may write");
    }
    DatabaseConfig database = config.database();
    if (database == null || database.keyFile() == null) {
      problems.error(
          "signIn.shareAccounts",
          "got 'true'",
          "false, or true with 'database.keyFile'",
          "set database.url and database.keyFile, which encrypts the accounts in it");
    }
  }

  private void inFile(Path file, List<ConfigProblem> wrong) {
    for (ConfigProblem problem : wrong) {
      problems.error(
          "signIn.accountsFile", "error in '" + file + "', " + line(problem) + problem, "", "");
    }
  }

  private static String line(ConfigProblem problem) {
    Position position = problem.position();
    return position == null ? "" : "line " + position.line() + ": ";
  }
}
