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

/** Checks that listeners and sign-in match, and checks the files of sign-in. */
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
    Path file = signIn.accountsFile();
    if (file == null || !Files.exists(file)) {
      AccountChecks.check(signIn.accounts(), i -> "signIn.accounts[" + i + "]", problems);
      return;
    }
    try {
      // First alone, so that errors in the file are reported without the other accounts.
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

  /**
   * Anyone with the secret can access the mailboxes, so a file that others can read is an error.
   */
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

  /** Checks the certificate with which the application signs in at Microsoft Entra. */
  static final class AssertionKeyChecks {
    private AssertionKeyChecks() {}

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
            "the certificate of " + identity.subject() + " has a key of type " + algorithm,
            "a certificate with an RSA key",
            "Microsoft Entra accepts only RSA; get another certificate");
      }
      if (Instant.now().isAfter(identity.certificate().getNotAfter().toInstant())) {
        problems.error(
            at,
            "the certificate of "
                + identity.subject()
                + " expired on "
                + identity.certificate().getNotAfter().toInstant(),
            "a valid certificate",
            "upload a new one to the application, and set it here");
      }
      ReadableSecrets.require(at, files.key(), problems);
      ReadableSecrets.require(at, files.pkcs12(), problems);
      ReadableSecrets.require(at, files.passwordFile(), problems);
    }
  }
}
