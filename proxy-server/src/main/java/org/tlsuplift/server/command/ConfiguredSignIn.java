package org.tlsuplift.server.command;

import java.nio.file.Path;
import org.tlsuplift.server.config.SignInConfig;
import org.tlsuplift.server.config.accounts.AccountsEditor;
import org.tlsuplift.server.config.load.LoadedConfig;

/** What a configuration says about sign-in, or why a command cannot go on. */
final class ConfiguredSignIn {
  private ConfiguredSignIn() {}

  static SignInConfig of(LoadedConfig loaded) throws CommandFailedException {
    SignInConfig signIn = loaded.config().signIn();
    if (signIn == null) {
      throw new CommandFailedException(
          loaded.source()
              + " has no section 'signIn', so nobody is signed in; name the right file by"
              + " --config");
    }
    return signIn;
  }

  static AccountsEditor editor(LoadedConfig loaded) throws CommandFailedException {
    SignInConfig signIn = of(loaded);
    Path file = signIn.accountsFile();
    if (file == null) {
      throw new CommandFailedException(
          "signIn.accountsFile is not set in "
              + loaded.source()
              + ", and the configuration itself is not written to; name a file there, such as"
              + " accounts.yaml");
    }
    return new AccountsEditor(file, signIn.accounts());
  }
}
