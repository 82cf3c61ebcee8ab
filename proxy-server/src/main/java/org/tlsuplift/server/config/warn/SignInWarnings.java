package org.tlsuplift.server.config.warn;

import java.nio.file.Files;
import java.nio.file.Path;
import org.tlsuplift.server.config.ListenerConfig;
import org.tlsuplift.server.config.ReadableSecrets;
import org.tlsuplift.server.config.ServerConfig;
import org.tlsuplift.server.config.SignInConfig;
import org.tlsuplift.server.config.yaml.Problems;

/** Warns of sign-in that runs, but serves nobody or tells too much. */
final class SignInWarnings {
  private SignInWarnings() {}

  /** Looks at a configuration without errors. */
  static void check(ServerConfig config, Problems problems) {
    SignInConfig signIn = config.signIn();
    if (signIn == null) {
      return;
    }
    if (config.listeners().stream().noneMatch(ListenerConfig::signIn)) {
      problems.warning(
          "signIn", "no listener signs devices in", "write 'signIn: true' to a listener of mail");
    }
    for (int i = 0; i < config.listeners().size(); i++) {
      ListenerConfig listener = config.listeners().get(i);
      if (listener.signIn() && listener.allowPlaintext()) {
        problems.warning(
            "listeners[" + i + "].signIn",
            "'true' with 'allowPlaintext' lets devices sign in here in plaintext",
            "give such devices passwords of their own, or accounts by 'devices' without a login");
      }
    }
    if (signIn.accountsFile() != null) {
      file(signIn.accountsFile(), signIn.accounts().isEmpty(), problems);
    }
  }

  private static void file(Path file, boolean alone, Problems problems) {
    String key = "signIn.accountsFile";
    if (!Files.exists(file)) {
      if (alone) {
        problems.warning(
            key,
            "'" + file + "' is not there yet, so nobody can sign in",
            "it is made by: tls-uplift accounts add");
      }
      return;
    }
    ReadableSecrets.warn(key, file, "who has it can guess its passwords at leisure", problems);
  }
}
