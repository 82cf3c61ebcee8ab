package org.tlsuplift.server.config;

import org.tlsuplift.server.config.secret.PasswordFile;
import java.util.List;
import java.util.function.IntFunction;
import org.tlsuplift.proxy.keyfile.KeyFileException;
import org.tlsuplift.server.config.secret.ReadableSecrets;
import org.tlsuplift.server.config.yaml.Problems;

/** Checks the files with the passwords of accounts for origins. */
final class UpstreamPasswordChecks {
  private UpstreamPasswordChecks() {}

  /**
   * Checks the file of each account that has one. Anyone with the password can send mail, so a file
   * that others can read is an error.
   *
   * @param path of an account, such as {@code signIn.accounts[0]}
   */
  static void check(
      List<SignInConfig.Account> accounts, IntFunction<String> path, Problems problems) {
    for (int i = 0; i < accounts.size(); i++) {
      SignInConfig.Upstream upstream = accounts.get(i).upstream();
      String key = path.apply(i) + ".upstream.passwordFile";
      if (upstream == null || !FileChecks.readable(key, upstream.passwordFile(), problems)) {
        continue;
      }
      try {
        PasswordFile.upstream(upstream.passwordFile());
        ReadableSecrets.require(key, upstream.passwordFile(), problems);
      } catch (KeyFileException unusable) {
        problems.error(key, String.valueOf(unusable.getMessage()), "", "");
      }
    }
  }
}
