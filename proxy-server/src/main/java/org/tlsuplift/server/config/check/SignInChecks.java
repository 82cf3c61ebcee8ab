package org.tlsuplift.server.config.check;

import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Instant;
import java.util.List;
import org.jspecify.annotations.Nullable;
import org.tlsuplift.proxy.keyfile.KeyFileException;
import org.tlsuplift.proxy.route.WhenModern;
import org.tlsuplift.proxy.tls.OriginIdentity;
import org.tlsuplift.server.config.KeyFiles;
import org.tlsuplift.server.config.ListenerConfig;
import org.tlsuplift.server.config.ReadableSecrets;
import org.tlsuplift.server.config.ServerConfig;
import org.tlsuplift.server.config.SignInConfig;
import org.tlsuplift.server.config.accounts.AccountChecks;
import org.tlsuplift.server.config.accounts.AccountsFile;
import org.tlsuplift.server.config.yaml.ConfigProblem;
import org.tlsuplift.server.config.yaml.InvalidConfigException;
import org.tlsuplift.server.config.yaml.Position;
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
      // First alone: what is wrong in the file itself is reported without the other accounts.
      AccountsFile.read(file, List.of());
      AccountsFile.read(file, signIn.accounts());
    } catch (InvalidConfigException unusable) {
      inFile(file, unusable);
    }
  }

  private void inFile(Path file, InvalidConfigException unusable) {
    for (ConfigProblem problem : unusable.problems()) {
      problems.error(
          "signIn.accountsFile", "error in '" + file + "', " + line(problem) + problem, "", "");
    }
  }

  private static String line(ConfigProblem problem) {
    Position position = problem.position();
    return position == null ? "" : "line " + position.line() + ": ";
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
    boolean readable =
        files.certificate() == null
            || FileChecks.readable(key + ".certificate", files.certificate(), problems);
    if (FileChecks.secretsReadable(key, files, problems) && readable) {
      AssertionKeyChecks.check(key, files, problems);
    }
  }

  /**
   * Checks what the application proves itself with: that Entra takes it, and that it is kept well.
   */
  static final class AssertionKeyChecks {
    private AssertionKeyChecks() {}

    /** Reads the files, each of which can be read. */
    static void check(String at, KeyFiles files, Problems problems) {
      OriginIdentity identity;
      try {
        identity = IdentityContent.read(files).identity();
      } catch (KeyFileException unusable) {
        problems.error(at, String.valueOf(unusable.getMessage()), "", "");
        return;
      }
      String algorithm = identity.certificate().getPublicKey().getAlgorithm();
      if (!algorithm.equals("RSA")) {
        problems.error(
            at,
            "the key of " + identity.subject() + " is of the kind " + algorithm,
            "a certificate with an RSA key",
            "Entra verifies the assertions of applications by RSA only");
      }
      if (Instant.now().isAfter(identity.certificate().getNotAfter().toInstant())) {
        problems.error(
            at,
            "the certificate of "
                + identity.subject()
                + " has expired at "
                + identity.certificate().getNotAfter().toInstant(),
            "one that is valid",
            "upload a new one to the application, and name it here");
      }
      ReadableSecrets.require(at, files.key(), problems);
      ReadableSecrets.require(at, files.pkcs12(), problems);
      ReadableSecrets.require(at, files.passwordFile(), problems);
    }
  }
}
