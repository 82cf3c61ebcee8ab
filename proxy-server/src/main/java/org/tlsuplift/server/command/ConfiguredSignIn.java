package org.tlsuplift.server.command;

import java.nio.file.Path;
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
}
