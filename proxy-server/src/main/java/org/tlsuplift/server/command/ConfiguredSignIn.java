package org.tlsuplift.server.command;

import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import java.util.Locale;
import java.util.function.Predicate;
import org.jspecify.annotations.Nullable;
import org.tlsuplift.proxy.outcome.OperatorException;
import org.tlsuplift.server.cluster.TokenDatabase;
import org.tlsuplift.server.cluster.UnknownOutcomeException;
import org.tlsuplift.server.config.AccountsEditor;
import org.tlsuplift.server.config.LoadedConfig;
import org.tlsuplift.server.config.SignInConfig;
import org.tlsuplift.server.config.SignInTenant;
import org.tlsuplift.server.daemon.AccountsSync;
import org.tlsuplift.server.daemon.TokenSource;
import org.tlsuplift.server.feature.Change;
import org.tlsuplift.server.signin.token.TokenStoreException;
import org.tlsuplift.server.terminal.CommandAudit;
import org.tlsuplift.server.terminal.CommandOutput;

/** The sign-in section that a command needs. */
final class ConfiguredSignIn {
  private ConfiguredSignIn() {}

  static SignInConfig of(LoadedConfig loaded) throws OperatorException {
    SignInConfig signIn = loaded.config().signIn();
    if (signIn == null) {
      throw new OperatorException(
          loaded.source() + " has no section 'signIn'; add it, or set --config to the right file");
    }
    return signIn;
  }

  /** Prints that the certificate before the one in use signs in. */
  static void warn(LoadedConfig loaded, CommandOutput output) {
    loaded.warnings().stream()
        .filter(each -> each.path().matches("signIn.*\\.certificate"))
        .forEach(each -> output.line("warning: " + each));
  }

  static AccountsEditor editor(LoadedConfig loaded) throws OperatorException {
    SignInConfig signIn = of(loaded);
    Path file = signIn.accountsFile();
    if (file == null) {
      throw new OperatorException(
          "signIn.accountsFile is not set in "
              + loaded.source()
              + "; set it to a file, such as accounts.yaml: this command does not change the configuration itself");
    }
    return new AccountsEditor(file, signIn);
  }

  /**
   * Changes the accounts: those of all instances, if they share them.
   *
   * @param action of the audit log
   */
  static <X extends Exception> AccountsEditor.Changed change(
      LoadedConfig loaded, CommandOutput output, String action, AccountsEditor.Decision<X> decision)
      throws OperatorException, IOException, X {
    AccountsEditor editor = editor(loaded);
    try (TokenDatabase shared =
        of(loaded).shareAccounts() ? TokenSource.database(loaded.config()) : null) {
      return shared == null ? editor.change(decision) : sync(loaded, shared).change(decision);
    } catch (UnknownOutcomeException unknown) {
      CommandAudit.record(
          output,
          loaded.config().dataDirectory(),
          action,
          Change.unknown(unknown.object(), unknown));
      throw unknown;
    } catch (TokenStoreException away) {
      throw new OperatorException(
          "nothing was changed; " + (away.passing() ? "repeat it later: " : "") + away.getMessage(),
          away);
    }
  }

  static AccountsSync sync(LoadedConfig loaded, TokenDatabase shared) throws OperatorException {
    Path data = loaded.config().dataDirectory();
    return new AccountsSync(
        editor(loaded).file(),
        of(loaded),
        shared.accounts(),
        settled -> CommandAudit.append(data, "accounts.settled", List.of(settled)));
  }

  /** What a command line means by an account: the login or, without one, the mailbox. */
  static Predicate<SignInConfig.Account> named(String name) {
    return account ->
        account.login() == null
            ? account.mailbox().equalsIgnoreCase(name)
            : account.login().equals(name.toLowerCase(Locale.ROOT));
  }

  /** The accounts of the file with this name. */
  static List<SignInConfig.Account> find(
      LoadedConfig loaded, List<SignInConfig.Account> inFile, String name)
      throws OperatorException {
    List<SignInConfig.Account> found = inFile.stream().filter(named(name)).toList();
    if (found.isEmpty()) {
      SignInConfig signIn = of(loaded);
      throw new OperatorException(
          "no account in "
              + signIn.accountsFile()
              + " has the login '"
              + name
              + "' or, without a login, that mailbox"
              + (signIn.accounts().stream().anyMatch(named(name))
                  ? "; it is in " + loaded.source() + ": edit that file"
                  : "; see 'tls-uplift accounts list'"));
    }
    return found;
  }

  /**
   * The tenant that a command means.
   *
   * @param wanted its name, ID or domain; null for the only one
   */
  static SignInTenant tenant(SignInConfig signIn, @Nullable String wanted)
      throws OperatorException {
    List<SignInTenant> found = tenants(signIn, wanted);
    if (found.size() != 1) {
      throw new OperatorException(
          "--tenant: got %s; expected %s"
              .formatted(
                  wanted == null ? "nothing" : "'" + wanted + "'",
                  String.join(", ", signIn.tenantNames())));
    }
    return found.get(0);
  }

  /** The tenants that a command may mean. */
  static List<SignInTenant> tenants(SignInConfig signIn, @Nullable String wanted) {
    return signIn.tenants().stream()
        .filter(
            each -> wanted == null || wanted.equals(each.name()) || wanted.equals(each.tenant()))
        .toList();
  }
}
