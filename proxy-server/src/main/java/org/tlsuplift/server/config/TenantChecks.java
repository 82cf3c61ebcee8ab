package org.tlsuplift.server.config;

import org.tlsuplift.server.config.secret.PasswordFile;
import org.tlsuplift.server.config.secret.IdentityContent;
import java.nio.file.Path;
import java.time.Instant;
import org.jspecify.annotations.Nullable;
import org.tlsuplift.proxy.keyfile.KeyFileException;
import org.tlsuplift.proxy.tls.OriginIdentity;
import org.tlsuplift.server.config.secret.KeyFiles;
import org.tlsuplift.server.config.secret.ReadableSecrets;
import org.tlsuplift.server.config.yaml.Problems;

/** Checks the credentials of the applications that get tokens. */
final class TenantChecks {
  /** Each tenant has its own threads. */
  private static final int MAX_TENANTS = 50;

  private TenantChecks() {}

  static void check(SignInConfig signIn, Problems problems) {
    if (signIn.tenants().size() > MAX_TENANTS) {
      problems.error(
          "signIn.tenants",
          "there are " + signIn.tenants().size() + " tenants",
          "at most " + MAX_TENANTS,
          "remove some");
    }
    for (SignInTenant tenant : signIn.tenants()) {
      String path = signIn.path(tenant);
      secret(path + ".clientSecretFile", tenant.clientSecretFile(), problems);
      certificate(path + ".certificate", tenant.certificate(), problems);
    }
  }

  /**
   * Anyone with the secret can access the mailboxes, so a file that others can read is an error.
   */
  private static void secret(String key, @Nullable Path file, Problems problems) {
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

  private static void certificate(String key, @Nullable KeyFiles files, Problems problems) {
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
