package org.tlsuplift.server.command;

import java.nio.file.Path;
import java.util.List;
import java.util.Locale;
import java.util.function.Predicate;
import org.tlsuplift.proxy.outcome.OperatorException;
import org.tlsuplift.server.config.AccountsEditor;
import org.tlsuplift.server.config.LoadedConfig;
import org.tlsuplift.server.config.SignInConfig;

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
}
