package org.tlsuplift.server.config.check;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.jspecify.annotations.Nullable;
import org.tlsuplift.proxy.keyfile.KeyFileException;
import org.tlsuplift.proxy.route.WhenModern;
import org.tlsuplift.server.config.KeyFiles;
import org.tlsuplift.server.config.ListenerConfig;
import org.tlsuplift.server.config.ReadableSecrets;
import org.tlsuplift.server.config.ServerConfig;
import org.tlsuplift.server.config.SignInConfig;
import org.tlsuplift.server.config.accounts.AccountChecks;
import org.tlsuplift.server.config.accounts.AccountsFile;
import org.tlsuplift.server.config.yaml.ConfigProblem;
import org.tlsuplift.server.config.yaml.InvalidConfigException;
import org.tlsuplift.server.config.yaml.Problems;

/** Checks that listeners and sign-in fit together, and that its files can be used. */
final class SignInChecks {
  private final ServerConfig config;
  private final Problems problems;

  private SignInChecks(ServerConfig config, Problems problems) {
    this.config = config;
    this.problems = problems;
  }

  static void check(ServerConfig config, Problems problems) {
    SignInChecks checks = new SignInChecks(config, problems);
    for (int i = 0; i < config.listeners().size(); i++) {
      checks.listener("listeners[" + i + "]", config.listeners().get(i));
    }
    SignInConfig signIn = config.signIn();
    if (signIn != null) {
      checks.accounts(signIn);
      checks.secret(signIn.clientSecretFile());
      checks.certificate(signIn.certificate());
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
          "false, or true with a section 'signIn'",
          "nothing is said about tenant, application and accounts");
    }
    if (listener.whenModern() == WhenModern.TUNNEL && problems.clean(path + ".whenModern")) {
      problems.error(
          path + ".whenModern",
          "got 'tunnel'",
          "bridge, or without 'signIn: true'",
          "nobody can be signed in through a tunnel");
    }
  }

  private void accounts(SignInConfig signIn) {
    if (!problems.clean("signIn.accounts") || !problems.clean("signIn.accountsFile")) {
      return;
    }
    Path file = signIn.accountsFile();
    if (file == null || !Files.exists(file)) {
      AccountChecks.check(signIn.accounts(), i -> "signIn.accounts[" + i + "]", problems);
      return;
    }
    try {
      AccountsFile.read(file, List.of());
    } catch (InvalidConfigException unusable) {
      inFile(file, unusable);
      return;
    }
    try {
      AccountsFile.read(file, signIn.accounts());
    } catch (InvalidConfigException together) {
      inFile(file, together);
    }
  }

  private void inFile(Path file, InvalidConfigException unusable) {
    for (ConfigProblem problem : unusable.problems()) {
      problems.error(
          "signIn.accountsFile",
          "in '" + file + "', " + problem.path() + ": " + problem.got(),
          problem.allowed(),
          problem.hint());
    }
  }

  /** Who has the secret can read and send from the mailboxes: no mode is let pass that shows it. */
  private void secret(@Nullable Path file) {
    String key = "signIn.clientSecretFile";
    if (file == null || !FileChecks.readable(key, file, problems)) {
      return;
    }
    try {
      PasswordFile.read(file);
      ReadableSecrets.require(key, file, problems);
    } catch (KeyFileException unusable) {
      problems.error(key, String.valueOf(unusable.getMessage()), "", "");
    }
  }

  private void certificate(@Nullable KeyFiles files) {
    String key = "signIn.certificate";
    if (files == null || !problems.clean(key)) {
      return;
    }
    boolean readable = true;
    readable &=
        files.certificate() == null
            || FileChecks.readable(key + ".certificate", files.certificate(), problems);
    readable &= files.key() == null || FileChecks.readable(key + ".key", files.key(), problems);
    readable &=
        files.pkcs12() == null || FileChecks.readable(key + ".pkcs12", files.pkcs12(), problems);
    readable &=
        files.passwordFile() == null
            || FileChecks.readable(key + ".passwordFile", files.passwordFile(), problems);
    if (readable) {
      AssertionKeyChecks.check(key, files, problems);
    }
  }
}
